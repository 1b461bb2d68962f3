// Sidetone
// SPDX-License-Identifier: Apache-2.0

#include "CSpectralKernels.h"

#include "../CKernels/dispatch.h"

#include <string.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

typedef int16_t i16x8 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef int32_t i32x8 __attribute__((vector_size(32)));

CK_INLINE i16x8 load_samples(const int16_t *from) {
    i16x8 value;
    memcpy(&value, from, sizeof(value));
    return value;
}

/// Sums of the products of neighbours.
CK_INLINE i32x4 products(i16x8 a, i16x8 b) {
#if defined(__SSE2__)
    return (i32x4)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
    i32x8 all = __builtin_convertvector(a, i32x8) * __builtin_convertvector(b, i32x8);
    return __builtin_shufflevector(all, all, 0, 2, 4, 6)
        + __builtin_shufflevector(all, all, 1, 3, 5, 7);
#endif
}

CK_INLINE void sk_tones_body(const int16_t *samples, const int16_t *rows, int32_t *sums) {
    // Four rows at a time share the loads of the samples.
    for (size_t row = 0; row < SK_TONE_ROWS; row += 4) {
        i32x4 sum[4] = {};
        for (size_t index = 0; index < SK_TONE_WINDOW; index += 8) {
            i16x8 window = load_samples(samples + index);
            for (size_t k = 0; k < 4; k += 1) {
                sum[k] += products(window, load_samples(rows + k * SK_TONE_WINDOW + index));
            }
        }
        for (size_t k = 0; k < 4; k += 1) {
            sums[row + k] = (sum[k][0] + sum[k][2]) + (sum[k][1] + sum[k][3]);
        }
        rows += 4 * SK_TONE_WINDOW;
    }
}

#if defined(CK_HAS_AVX2_BUILD)
/// The same with twice as many lanes: sums of integers have no order.
CK_AVX2 static void sk_tones_avx2(const int16_t *samples, const int16_t *rows, int32_t *sums) {
    for (size_t row = 0; row < SK_TONE_ROWS; row += 4) {
        __m256i sum[4] = {};
        for (size_t index = 0; index < SK_TONE_WINDOW; index += 16) {
            const __m256i window = _mm256_loadu_si256((const __m256i_u *)(samples + index));
            for (size_t k = 0; k < 4; k += 1) {
                const __m256i other = _mm256_loadu_si256(
                    (const __m256i_u *)(rows + k * SK_TONE_WINDOW + index));
                sum[k] = _mm256_add_epi32(sum[k], _mm256_madd_epi16(window, other));
            }
        }
        const __m256i pairs =
            _mm256_hadd_epi32(_mm256_hadd_epi32(sum[0], sum[1]), _mm256_hadd_epi32(sum[2], sum[3]));
        const __m128i all = _mm_add_epi32(
            _mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
        memcpy(sums + row, &all, sizeof(all));
        rows += 4 * SK_TONE_WINDOW;
    }
}
#endif

void sk_tones(const int16_t *samples, const int16_t *rows, int32_t *sums) {
#if defined(CK_HAS_AVX2_BUILD)
    if (ck_use_avx2()) {
        sk_tones_avx2(samples, rows, sums);
        return;
    }
#endif
    sk_tones_body(samples, rows, sums);
}
