// Sidetone
// SPDX-License-Identifier: Apache-2.0

#include "CSpectralKernels.h"
#include "lanes.h"

typedef int16_t i16x8 __attribute__((vector_size(16)));
typedef uint64_t u64x4 __attribute__((vector_size(32)));

CK_INLINE i32x8 load_integers(const int16_t *from) {
    i16x8 value;
    memcpy(&value, from, sizeof(value));
    return __builtin_convertvector(value, i32x8);
}

/// Squares of eight numbers, the sums of neighbours. Differences of 16-bit samples have squares of
/// more than 32 bits; of magnitudes the halves of 64 are multiplied with one instruction.
CK_INLINE u64x4 squares(i32x8 v) {
    const i32x8 sign = v >> 31;
    const u64x4 both = (u64x4)((v ^ sign) - sign);
    const u64x4 low = both & 0xffffffff, high = both >> 32;
    return low * low + high * high;
}

CK_INLINE int64_t total(u64x4 v) { return (int64_t)((v[0] + v[1]) + (v[2] + v[3])); }

CK_INLINE void sk_measure_shape_body(const int16_t *samples, size_t count, sk_shape *shape) {
    u64x4 power = {}, change = {}, bend = {};
    i32x8 sum = {};
    const i32x8 first = (i32x8){} + samples[0];
    i32x8 least = first, most = first, last = first;
    for (size_t index = 0; index < count; index += 8) {
        const size_t left = count - index;
        const int16_t *from = samples + index;
        int16_t end[8];
        i32x8 keep = (i32x8){} - 1;
        if (left < 8) {
            for (size_t place = 0; place < 8; place += 1) {
                end[place] = from[place < left ? place : left - 1];
            }
            from = end;
            const i32x8 places = {0, 1, 2, 3, 4, 5, 6, 7};
            keep = places < (int32_t)left;
        }
        const i32x8 here = load_integers(from);
        const i32x8 before = __builtin_shufflevector(last, here, 7, 8, 9, 10, 11, 12, 13, 14);
        const i32x8 earlier = __builtin_shufflevector(last, here, 6, 7, 8, 9, 10, 11, 12, 13);
        const i32x8 step = here - before, turn = step - before + earlier;
        power += squares(here & keep);
        change += squares(step & keep);
        bend += squares(turn & keep);
        sum += here & keep;
        least = __builtin_elementwise_min(least, here);
        most = __builtin_elementwise_max(most, here);
        last = here;
    }
    shape->squares = total(power);
    shape->changes = total(change);
    shape->bends = total(bend);
    shape->sum = __builtin_reduce_add(sum);
    shape->least = (int16_t)__builtin_reduce_min(least);
    shape->most = (int16_t)__builtin_reduce_max(most);
}

CK_INLINE void sk_exceeds_body(
    const int16_t *samples, size_t count, int16_t limit, bool *result) {
    int16_t least = 0, most = 0;
    for (size_t index = 0; index < count; index += 1) {
        least = samples[index] < least ? samples[index] : least;
        most = samples[index] > most ? samples[index] : most;
    }
    *result = most > limit || least < -limit;
}

CK_INLINE void sk_tone_window_body(int16_t *window, const int16_t *block, int32_t *energy) {
    memcpy(window, window + SK_BLOCK, SK_BLOCK * sizeof(*window));
    memcpy(window + SK_BLOCK, block, SK_BLOCK * sizeof(*window));
    uint32_t sum = 0;
    for (size_t index = 0; index < SK_BLOCK; index += 1) {
        const int32_t sample = block[index] >> 3;
        sum += (uint32_t)(sample * sample);
    }
    *energy = (int32_t)sum;
}

void sk_fetch(const void *memory, size_t octets) {
    enum { LINE = 64 };
    const char *from = memory;
    for (size_t offset = 0; offset < octets; offset += LINE) {
        __builtin_prefetch(from + offset);
    }
}

CK_DISPATCH(
    sk_measure_shape, (const int16_t *samples, size_t count, sk_shape *shape),
    (samples, count, shape))
CK_DISPATCH(
    sk_exceeds, (const int16_t *samples, size_t count, int16_t limit, bool *result),
    (samples, count, limit, result))
CK_DISPATCH(
    sk_tone_window, (int16_t *window, const int16_t *block, int32_t *energy),
    (window, block, energy))
