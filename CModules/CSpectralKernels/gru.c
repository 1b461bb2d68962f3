// Sidetone
// SPDX-License-Identifier: Apache-2.0

// Weights and what they are multiplied by are 16-bit integers, sums 32-bit: twice the lanes of a
// float, and the same result whatever the order of the additions.

#include "CSpectralKernels.h"
#include "lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef int16_t i16x8 __attribute__((vector_size(16)));
typedef int16_t i16x16 __attribute__((vector_size(32)));

enum { VECTORS = SK_GRU_UNITS / 8 };

/// Integers of a step: pairs of rows times pairs of values, for three gates.
typedef void (*accumulator)(
    const int16_t *rows, const int16_t *values, size_t pairs, i32x8 *first, i32x8 *second,
    i32x8 *third);

#define KERNEL(name) name##_baseline
#define TARGET
#include "gru_kernel.h"
#undef KERNEL
#undef TARGET

#if defined(CK_HAS_AVX2_BUILD)
#define KERNEL(name) name##_avx2
#define TARGET CK_AVX2
#define KERNEL_AVX2
#include "gru_kernel.h"
#endif

/// Rounds `count` values times `scale` (a multiple of 8) to 16-bit integers.
CK_INLINE void quantise(
    const float *values, size_t count, float scale, int16_t *integers) {
    // Adding 1.5 * 2^23 leaves the nearest whole number in the low bits.
    const f32x8 shift = (f32x8){} + 12582912.0f;
    for (size_t index = 0; index < count; index += 8) {
        f32x8 value = clamped(load(values + index) * scale, -32767.0f, 32767.0f) + shift;
        i32x8 whole = (i32x8)value - (i32x8)shift;
        i16x8 narrow = __builtin_convertvector(whole, i16x8);
        memcpy(integers + index, &narrow, sizeof(narrow));
    }
}

/// The sums as they would be without scales, with the bias.
#define TOTAL(sums, place, v)                                                                 \
    (__builtin_convertvector((sums)[v], f32x8) * (1.0f / SK_GRU_SUM_SCALE)                    \
     + load(unit->bias + (place) * SK_GRU_UNITS + 8 * (v)))

CK_INLINE void step(
    const sk_gru *unit, const float *inputs, float *state, float *output,
    accumulator accumulate) {
    const f32x8 half = (f32x8){} + 0.5f;
    int16_t values[SK_GRU_MAXIMUM_INPUTS];
    int16_t before[SK_GRU_UNITS];
    quantise(inputs, unit->inputs, SK_GRU_INPUT_SCALE, values);
    quantise(state, SK_GRU_UNITS, SK_GRU_STATE_SCALE, before);

    i32x8 reset[VECTORS] = {}, update[VECTORS] = {}, fresh[VECTORS] = {}, recalled[VECTORS] = {};
    accumulate(unit->input_weights, values, unit->inputs / 2, reset, update, fresh);
    accumulate(
        unit->state_weights, before, (size_t)SK_GRU_UNITS / 2, reset, update, recalled);

    f32x8 sum = {};
    for (int v = 0; v < VECTORS; v += 1) {
        // The logistic function by way of tanh.
        f32x8 open = half + half * squashed(half * TOTAL(reset, 0, v));
        f32x8 kept = half + half * squashed(half * TOTAL(update, 1, v));
        f32x8 candidate = squashed(TOTAL(fresh, 2, v) + open * TOTAL(recalled, 3, v));
        f32x8 next = candidate + kept * (load(state + 8 * v) - candidate);
        store(state + 8 * v, next);
        sum += next * load(unit->output + 8 * v);
    }
    *output = sum_of_lanes(sum) + unit->output_bias;
}

#if defined(CK_HAS_AVX2_BUILD)
CK_AVX2 static void step_avx2(
    const sk_gru *unit, const float *inputs, float *state, float *output) {
    step(unit, inputs, state, output, accumulate_avx2);
}
#endif

void sk_gru_step(const sk_gru *unit, const float *inputs, float *state, float *output) {
#if defined(CK_HAS_AVX2_BUILD)
    if (ck_use_avx2()) {
        step_avx2(unit, inputs, state, output);
        return;
    }
#endif
    step(unit, inputs, state, output, accumulate_baseline);
}
