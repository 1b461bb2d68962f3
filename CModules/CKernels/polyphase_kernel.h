// Sidetone
// SPDX-License-Identifier: Apache-2.0

// The inner loops of the polyphase filter, included once for each build. The including file defines
//   KERNEL(name)   the name of a function of this build
//   TARGET         its attributes
// and, on x86-64 with AVX2, KERNEL_AVX2.

#include "multiply_add_pairs.h"

// Adds `pairs` pairs of taps of one input stream to `residues` residues of 16 * `groups` outputs.
// Sums of even and odd outputs are kept apart, as a pair of neighbouring samples is one lane.
// `residue_stride` is the distance between the residues' coefficients.
#define ACCUMULATE(residues, groups, sums, stream, coefficients, residue_stride, pairs)       \
    for (size_t pair = 0; pair < (pairs); pair += 1) {                                        \
        i32x8 coefficient[residues];                                                          \
        for (int r = 0; r < (residues); r += 1) {                                             \
            int32_t both;                                                                     \
            memcpy(&both, (coefficients) + r * (residue_stride) + 2 * pair, sizeof(both));    \
            coefficient[r] = (i32x8){} + both;                                                \
        }                                                                                     \
        for (int g = 0; g < (groups); g += 1) {                                               \
            i16x16 even;                                                                      \
            i16x16 odd;                                                                       \
            memcpy(&even, (stream) + 2 * pair + 16 * g, sizeof(even));                        \
            memcpy(&odd, (stream) + 2 * pair + 16 * g + 1, sizeof(odd));                      \
            for (int r = 0; r < (residues); r += 1) {                                         \
                (sums)[r][g][0] += MULTIPLY_ADD_PAIRS(even, (i16x16)coefficient[r]);          \
                (sums)[r][g][1] += MULTIPLY_ADD_PAIRS(odd, (i16x16)coefficient[r]);           \
            }                                                                                 \
        }                                                                                     \
    }

// Filters residues first..<first + residues over `blocks` blocks (rounded up to 16 * groups).
#define DEFINE_RESIDUES(name, residues, groups)                                               \
    TARGET static void KERNEL(name)(                                                          \
        const ck_polyphase *filter, size_t first, const int16_t *streams, size_t blocks,      \
        int16_t *outputs) {                                                                   \
        const size_t down = filter->down;                                                     \
        const size_t fine_stride = down * filter->taps;                                       \
        const size_t coarse_stride = down * filter->coarse_taps;                              \
        const int16_t *fine = filter->fine + first * fine_stride;                             \
        const int16_t *coarse = filter->coarse + first * coarse_stride;                       \
        const i32x8 highest = (i32x8){} + INT16_MAX;                                          \
        const i32x8 lowest = (i32x8){} + INT16_MIN;                                           \
        for (size_t block = 0; block < blocks; block += 16 * (groups)) {                      \
            i32x8 sums[residues][groups][2] = {};                                             \
            for (size_t half = 0; half < 2 * down; half += 1) {                               \
                const size_t m = half / 2;                                                    \
                const size_t tap = half % 2 * (filter->taps / 2);                             \
                const int16_t *stream = streams + m * STREAM_STRIDE + block + tap;            \
                i32x8 parts[residues][groups][2] = {};                                        \
                ACCUMULATE(                                                                   \
                    residues, groups, parts, stream, fine + m * filter->taps + tap,           \
                    fine_stride, filter->taps / 4)                                            \
                for (int r = 0; r < (residues); r += 1) {                                     \
                    for (int g = 0; g < (groups); g += 1) {                                   \
                        sums[r][g][0] += parts[r][g][0] >> filter->fine_shift;                \
                        sums[r][g][1] += parts[r][g][1] >> filter->fine_shift;                \
                    }                                                                         \
                }                                                                             \
            }                                                                                 \
            for (size_t m = 0; m < down; m += 1) {                                            \
                const int16_t *stream =                                                       \
                    streams + m * STREAM_STRIDE + block + filter->coarse_first;               \
                ACCUMULATE(                                                                   \
                    residues, groups, sums, stream, coarse + m * filter->coarse_taps,         \
                    coarse_stride, filter->coarse_taps / 2)                                   \
            }                                                                                 \
            for (int r = 0; r < (residues); r += 1) {                                         \
                for (int g = 0; g < (groups); g += 1) {                                       \
                    i32x8 even = (sums[r][g][0] + (1 << 13)) >> 14;                           \
                    i32x8 odd = (sums[r][g][1] + (1 << 13)) >> 14;                            \
                    even = __builtin_elementwise_max(                                         \
                        __builtin_elementwise_min(even, highest), lowest);                    \
                    odd = __builtin_elementwise_max(                                          \
                        __builtin_elementwise_min(odd, highest), lowest);                     \
                    i32x8 both = (even & 0xFFFF) | (odd << 16);                               \
                    memcpy(                                                                   \
                        outputs + (first + (size_t)r) * MAXIMUM_BLOCKS + block + 16 * g,      \
                        &both, sizeof(both));                                                 \
                }                                                                             \
            }                                                                                 \
        }                                                                                     \
    }

DEFINE_RESIDUES(one, 1, 2)
DEFINE_RESIDUES(two, 2, 1)
DEFINE_RESIDUES(three, 3, 1)

TARGET static void KERNEL(filter_blocks)(
    const ck_polyphase *filter, const int16_t *streams, size_t blocks, int16_t *outputs) {
    size_t first = 0;
    while (filter->up - first >= 3) {
        KERNEL(three)(filter, first, streams, blocks, outputs);
        first += 3;
    }
    if (filter->up - first == 2) {
        KERNEL(two)(filter, first, streams, blocks, outputs);
    } else if (filter->up - first == 1) {
        KERNEL(one)(filter, first, streams, blocks, outputs);
    }
}

// to[m][i] = from[ratio * i + m] for `ratio` rows of `stride`.
#define DEFINE_DEINTERLEAVE(name, ratio)                                                      \
    TARGET static void KERNEL(name)(                                                          \
        const int16_t *from, size_t count, int16_t *to, size_t stride) {                      \
        for (size_t m = 0; m < (ratio); m += 1) {                                             \
            for (size_t i = 0; i < count; i += 1) {                                           \
                to[m * stride + i] = from[i * (ratio) + m];                                   \
            }                                                                                 \
        }                                                                                     \
    }

DEFINE_DEINTERLEAVE(split_two, 2)
DEFINE_DEINTERLEAVE(split_three, 3)

TARGET static void KERNEL(deinterleave)(
    const int16_t *samples, size_t down, size_t count, int16_t *streams) {
    switch (down) {
    case 2:
        KERNEL(split_two)(samples, count, streams, STREAM_STRIDE);
        break;
    case 3:
        KERNEL(split_three)(samples, count, streams, STREAM_STRIDE);
        break;
    default: {
        // In two steps, which the compiler has vector shuffles for.
        int16_t halves[2][MAXIMUM_RAW / 2];
        KERNEL(split_two)(samples, 3 * count, halves[0], MAXIMUM_RAW / 2);
        KERNEL(split_three)(halves[0], count, streams, 2 * STREAM_STRIDE);
        KERNEL(split_three)(halves[1], count, streams + STREAM_STRIDE, 2 * STREAM_STRIDE);
        break;
    }
    }
}

// to[ratio * i + r] = from[r][i] for `ratio` rows of `stride`.
#define DEFINE_INTERLEAVE(name, ratio)                                                        \
    TARGET static void KERNEL(name)(                                                          \
        const int16_t *from, size_t stride, size_t count, int16_t *to) {                      \
        for (size_t i = 0; i < count; i += 1) {                                               \
            for (size_t r = 0; r < (ratio); r += 1) {                                         \
                to[i * (ratio) + r] = from[r * stride + i];                                   \
            }                                                                                 \
        }                                                                                     \
    }

DEFINE_INTERLEAVE(join_two, 2)
DEFINE_INTERLEAVE(join_three, 3)

TARGET static void KERNEL(interleave)(
    const int16_t *outputs, size_t up, size_t count, int16_t *samples) {
    switch (up) {
    case 1:
        memcpy(samples, outputs, count * sizeof(int16_t));
        break;
    case 2:
        KERNEL(join_two)(outputs, MAXIMUM_BLOCKS, count, samples);
        break;
    case 3:
        KERNEL(join_three)(outputs, MAXIMUM_BLOCKS, count, samples);
        break;
    default: {
        int16_t halves[2][CK_POLYPHASE_MAXIMUM_RATIO / 2 * MAXIMUM_BLOCKS];
        KERNEL(join_three)(outputs, 2 * MAXIMUM_BLOCKS, count, halves[0]);
        KERNEL(join_three)(outputs + MAXIMUM_BLOCKS, 2 * MAXIMUM_BLOCKS, count, halves[1]);
        KERNEL(join_two)(
            halves[0], CK_POLYPHASE_MAXIMUM_RATIO / 2 * MAXIMUM_BLOCKS, 3 * count, samples);
        break;
    }
    }
}

#undef DEFINE_RESIDUES
#undef ACCUMULATE
#undef DEFINE_DEINTERLEAVE
#undef DEFINE_INTERLEAVE
