// Sidetone
// SPDX-License-Identifier: Apache-2.0

// Defines MULTIPLY_ADD_PAIRS for the build that is being made. Included once for each build, by the
// headers with its kernels: with KERNEL_AVX2 where it is the one for AVX2.

#undef MULTIPLY_ADD_PAIRS
#undef EVEN
#undef ODD

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
