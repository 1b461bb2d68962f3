// Sidetone
// SPDX-License-Identifier: Apache-2.0

// The inner loop of the recurrent unit, included once for each build. The including file defines
//   KERNEL(name)   the name of a function of this build
//   TARGET         its attributes
// and, on x86-64 with AVX2, KERNEL_AVX2.

// Sums of neighbouring products: lane i is a[2i] * b[2i] + a[2i+1] * b[2i+1].
#if defined(KERNEL_AVX2)
#define MULTIPLY_ADD_PAIRS(a, b) ((i32x8)_mm256_madd_epi16((__m256i)(a), (__m256i)(b)))
#elif defined(__SSE2__)
#define MULTIPLY_ADD_PAIRS(a, b)                                                             \
    __builtin_shufflevector(                                                                 \
        (i32x4)_mm_madd_epi16(                                                               \
            (__m128i)__builtin_shufflevector(a, a, 0, 1, 2, 3, 4, 5, 6, 7),                  \
            (__m128i)__builtin_shufflevector(b, b, 0, 1, 2, 3, 4, 5, 6, 7)),                 \
        (i32x4)_mm_madd_epi16(                                                               \
            (__m128i)__builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15),            \
            (__m128i)__builtin_shufflevector(b, b, 8, 9, 10, 11, 12, 13, 14, 15)),           \
        0, 1, 2, 3, 4, 5, 6, 7)
#else
#define EVEN(v) \
    __builtin_convertvector(__builtin_shufflevector(v, v, 0, 2, 4, 6, 8, 10, 12, 14), i32x8)
#define ODD(v) \
    __builtin_convertvector(__builtin_shufflevector(v, v, 1, 3, 5, 7, 9, 11, 13, 15), i32x8)
#define MULTIPLY_ADD_PAIRS(a, b) (EVEN(a) * EVEN(b) + ODD(a) * ODD(b))
#endif

TARGET static inline void KERNEL(accumulate)(
    const int16_t *rows, const int16_t *values, size_t pairs, i32x8 *first, i32x8 *second,
    i32x8 *third) {
    i32x8 sums[3 * VECTORS];
    for (int v = 0; v < VECTORS; v += 1) {
        sums[v] = first[v];
        sums[v + VECTORS] = second[v];
        sums[v + 2 * VECTORS] = third[v];
    }
    for (size_t pair = 0; pair < pairs; pair += 1) {
        int32_t both;
        memcpy(&both, values + 2 * pair, sizeof(both));
        i16x16 x = (i16x16)((i32x8){} + both);
        for (int v = 0; v < 3 * VECTORS; v += 1) {
            i16x16 row;
            memcpy(&row, rows + 16 * v, sizeof(row));
            sums[v] += MULTIPLY_ADD_PAIRS(row, x);
        }
        rows += 6 * SK_GRU_UNITS;
    }
    for (int v = 0; v < VECTORS; v += 1) {
        first[v] = sums[v];
        second[v] = sums[v + VECTORS];
        third[v] = sums[v + 2 * VECTORS];
    }
}

#undef MULTIPLY_ADD_PAIRS
#undef EVEN
#undef ODD
