// Sidetone
// SPDX-License-Identifier: Apache-2.0

// Correlation of two band patterns over many lags. Products are small integers, so their sums are
// exact in any order; the float parts treat each lag on its own, so vector width changes nothing.

#include "CSpectralKernels.h"
#include "lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#pragma STDC FP_CONTRACT OFF

typedef int8_t i8x16 __attribute__((vector_size(16)));
typedef int16_t i16x8 __attribute__((vector_size(16)));
typedef uint8_t u8x8 __attribute__((vector_size(8)));
typedef uint8_t u8x32 __attribute__((vector_size(32)));

enum {
    PAIRS = (SK_BANDS + 1) / 2,
    PAIR_ROW = 2 * SK_LAG_SLOTS,
    /// Slots of the ring of levels that have a maximum of their own.
    GROUP = SK_LAG_SLOTS - SK_LEVEL_LAGS,
    GROUPS = SK_LAG_SLOTS / GROUP,
};

void sk_lag_insert(int8_t *patterns, size_t head, const int8_t *pattern) {
    for (size_t pair = 0; pair < PAIRS; pair += 1) {
        memcpy(patterns + pair * PAIR_ROW + 2 * head, pattern + 2 * pair, 2);
    }
}

void sk_lag_pattern(const int8_t *patterns, size_t column, float *pattern) {
    for (size_t pair = 0; pair < PAIRS; pair += 1) {
        const int8_t *both = patterns + pair * PAIR_ROW + 2 * column;
        pattern[2 * pair] = both[0];
        pattern[2 * pair + 1] = both[1];
    }
    for (size_t band = 2 * PAIRS; band < SK_BAND_LANES; band += 1) {
        pattern[band] = 0;
    }
}

/// Sums over the bands in the order of the columns.
typedef void (*column_sums)(const int8_t *patterns, const int8_t *near, int16_t *sums);

static void column_sums_baseline(const int8_t *patterns, const int8_t *near, int16_t *sums) {
    i16x8 sum[SK_LAG_SLOTS / 8] = {};
    for (size_t pair = 0; pair < PAIRS; pair += 1) {
        const int16_t first = near[2 * pair], second = near[2 * pair + 1];
        for (size_t v = 0; v < SK_LAG_SLOTS / 8; v += 1) {
            i16x8 far;
            memcpy(&far, patterns + pair * PAIR_ROW + 16 * v, sizeof(far));
            const i16x8 low = (i16x8)((far << 8) >> 8), high = far >> 8;
            sum[v] += low * first + high * second;
        }
    }
    memcpy(sums, sum, sizeof(sum));
}

#if defined(CK_HAS_AVX2_BUILD)
CK_AVX2 static void column_sums_avx2(
    const int8_t *patterns, const int8_t *near, int16_t *sums) {
    __m256i sum[SK_LAG_SLOTS / 16] = {};
    for (size_t pair = 0; pair < PAIRS; pair += 1) {
        int16_t both;
        memcpy(&both, near + 2 * pair, sizeof(both));
        // One factor of the instruction has no sign: the other takes it over.
        const __m256i signs = _mm256_set1_epi16(both), magnitudes = _mm256_abs_epi8(signs);
        for (size_t v = 0; v < SK_LAG_SLOTS / 16; v += 1) {
            const __m256i far = _mm256_loadu_si256(
                (const __m256i_u *)(patterns + pair * PAIR_ROW + 32 * v));
            sum[v] = _mm256_add_epi16(
                sum[v], _mm256_maddubs_epi16(magnitudes, _mm256_sign_epi8(far, signs)));
        }
    }
    memcpy(sums, sum, sizeof(sum));
}
#endif

CK_INLINE void lag_products(
    const int8_t *patterns, size_t head, const int8_t *near, float *products,
    column_sums sum) {
    // Twice in a row: from any column on, all follow.
    int16_t sums[2 * SK_LAG_SLOTS];
    sum(patterns, near, sums);
    memcpy(sums + SK_LAG_SLOTS, sums, SK_LAG_SLOTS * sizeof(*sums));
    for (size_t lag = 0; lag < SK_LAG_SLOTS; lag += 8) {
        i16x8 whole;
        memcpy(&whole, sums + head + lag, sizeof(whole));
        store(products + lag, __builtin_convertvector(whole, f32x8));
    }
}

#if defined(CK_HAS_AVX2_BUILD)
CK_AVX2 static void lag_products_avx2(
    const int8_t *patterns, size_t head, const int8_t *near, float *products) {
    lag_products(patterns, head, near, products, column_sums_avx2);
}
#endif

void sk_lag_products(
    const int8_t *patterns, size_t head, const int8_t *near, float *products) {
#if defined(CK_HAS_AVX2_BUILD)
    if (ck_use_avx2()) {
        lag_products_avx2(patterns, head, near, products);
        return;
    }
#endif
    lag_products(patterns, head, near, products, column_sums_baseline);
}

CK_INLINE void sk_lag_energy_body(float *energies, float energy) {
    for (size_t lag = SK_LAG_SLOTS - 8; lag > 0; lag -= 8) {
        store(energies + lag, load(energies + lag - 1));
    }
    const f32x8 first = load(energies), newest = (f32x8){} + energy;
    store(energies, __builtin_shufflevector(newest, first, 0, 8, 9, 10, 11, 12, 13, 14));
}

CK_INLINE void sk_lag_coherence_body(
    const float *products, float keep, float *sums, const float *far_energies,
    float near_energy, float least, float *coherence) {
    const f32x8 nothing = {};
    const float near = near_energy < least ? 0.0f : near_energy;
    for (size_t lag = 0; lag < SK_LAG_SLOTS; lag += 8) {
        const f32x8 sum = keep * load(sums + lag) + load(products + lag);
        store(sums + lag, sum);
        f32x8 energy = load(far_energies + lag);
        energy = chosen(energy < least, nothing, energy * near);
        // Where either signal has shown too little, the denominator sends the ratio to nothing.
        energy = chosen(energy <= 0.0f, nothing + 1e30f, energy);
        store(coherence + lag, sum / __builtin_elementwise_sqrt(energy));
    }
}

/// The highest of SK_LAG_SLOTS numbers.
CK_INLINE float highest(const float *values) {
    f32x8 best = load(values);
    for (size_t index = 8; index < SK_LAG_SLOTS; index += 8) {
        const f32x8 here = load(values + index);
        best = chosen(here > best, here, best);
    }
    float result = best[0];
    for (int lane = 1; lane < 8; lane += 1) {
        result = best[lane] > result ? best[lane] : result;
    }
    return result;
}

CK_INLINE void sk_lag_peaks_body(
    const float *coherence, size_t count, size_t guard, sk_lag_peaks_result *result) {
    float values[SK_LAG_SLOTS];
    memcpy(values, coherence, count * sizeof(*values));
    for (size_t lag = count; lag < SK_LAG_SLOTS; lag += 1) {
        values[lag] = -1.0f;
    }
    const float best = highest(values);
    size_t at = 0;
    while (at + 1 < count && values[at] < best) {
        at += 1;
    }
    const size_t first = at > guard ? at - guard : 0;
    for (size_t lag = first; lag < SK_LAG_SLOTS && lag <= at + guard; lag += 1) {
        values[lag] = -1.0f;
    }
    const float rival = highest(values);
    result->best = best;
    result->rival = rival > 0.0f ? rival : 0.0f;
    result->lag = at;
}

CK_INLINE void sk_lag_highest_body(const float *coherence, size_t count, float *best) {
    float values[SK_LAG_SLOTS];
    for (size_t lag = 0; lag < SK_LAG_SLOTS; lag += 8) {
        store(values + lag, load(coherence + lag));
    }
    for (size_t lag = count; lag < SK_LAG_SLOTS; lag += 1) {
        values[lag] = -1.0f;
    }
    *best = highest(values);
}

CK_INLINE void sk_plausible_lags_body(
    const float *slow, float least_slow, const float *fast, float least_fast, size_t count,
    ptrdiff_t lock, uint8_t *plausible, size_t *marked) {
    uint8_t peaks[SK_LAG_SLOTS + 4] = {0};
    for (size_t lag = 0; lag < count; lag += 1) {
        peaks[lag + 2] = slow[lag] > least_slow || fast[lag] > least_fast ? 0xFF : 0;
    }
    for (size_t lag = 0; lag < SK_LAG_SLOTS; lag += 1) {
        plausible[lag] = peaks[lag] | peaks[lag + 1] | peaks[lag + 2] | peaks[lag + 3];
    }
    if (lock >= 0) {
        for (ptrdiff_t lag = lock - 1; lag <= lock + 3; lag += 1) {
            if (lag >= 0 && lag < (ptrdiff_t)count) {
                plausible[lag] = 0xFF;
            }
        }
    }
    uint32_t sum = 0;
    for (size_t lag = 0; lag < count; lag += 1) {
        sum += plausible[lag] & 1;
    }
    *marked = sum;
}

CK_INLINE void sk_far_insert_body(const float *level, size_t head, uint8_t *levels) {
    uint8_t *row = levels + head * SK_BAND_LANES;
    uint8_t *group = levels + (SK_LAG_SLOTS + head / GROUP) * SK_BAND_LANES;
    const uint8_t keeps = head % GROUP == GROUP - 1 ? 0 : 0xFF;
    for (size_t band = 0; band < SK_BAND_LANES; band += 8) {
        // To the nearest whole number, ties to even.
        const f32x8 steps =
            clamped(load(level + band) * (float)SK_LEVEL_STEPS, 0.0f, 255.0f) + 12582912.0f;
        u8x8 whole = __builtin_convertvector((i32x8)steps & 0xFF, u8x8);
        if (band + 8 > SK_BANDS) {
            const u8x8 bands = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0};
            whole &= bands;
        }
        u8x8 before;
        memcpy(&before, group + band, sizeof(before));
        before = __builtin_elementwise_max(before & keeps, whole);
        memcpy(row + band, &whole, sizeof(whole));
        memcpy(group + band, &before, sizeof(before));
    }
}

CK_INLINE u8x32 load_row(const uint8_t *levels, size_t row) {
    u8x32 value;
    memcpy(&value, levels + row * SK_BAND_LANES, sizeof(value));
    return value;
}

CK_INLINE void sk_far_maximum_body(
    const uint8_t *levels, size_t head, const uint8_t *wanted, uint8_t *chosen, uint8_t *all) {
    u8x32 among = {0}, any = {0};
    // Of the group before the head's the older rows still count; the others have been overwritten
    // since, or lie behind the last lag.
    const size_t own = head / GROUP, oldest = own == 0 ? GROUPS - 1 : own - 1;
    for (size_t group = 0; group < GROUPS; group += 1) {
        if (group != oldest) {
            any = __builtin_elementwise_max(load_row(levels, SK_LAG_SLOTS + group), any);
        }
    }
    for (size_t row = oldest * GROUP; row < oldest * GROUP + head % GROUP; row += 1) {
        any = __builtin_elementwise_max(load_row(levels, row), any);
    }
    for (size_t first = 0; first < SK_LEVEL_LAGS; first += 4) {
        uint32_t marks;
        memcpy(&marks, wanted + first, sizeof(marks));
        if (marks == 0) {
            continue;
        }
        for (size_t lag = first; lag < first + 4; lag += 1) {
            const size_t slot = head + lag;
            u8x32 row = load_row(levels, slot < SK_LAG_SLOTS ? slot : slot - SK_LAG_SLOTS);
            row &= wanted[lag];
            among = __builtin_elementwise_max(row, among);
        }
    }
    memcpy(chosen, &among, SK_BAND_LANES);
    memcpy(all, &any, SK_BAND_LANES);
}

CK_DISPATCH(sk_lag_energy, (float *energies, float energy), (energies, energy))
CK_DISPATCH(
    sk_lag_coherence,
    (const float *products, float keep, float *sums, const float *far_energies,
     float near_energy, float least, float *coherence),
    (products, keep, sums, far_energies, near_energy, least, coherence))
CK_DISPATCH(
    sk_lag_peaks,
    (const float *coherence, size_t count, size_t guard, sk_lag_peaks_result *result),
    (coherence, count, guard, result))
CK_DISPATCH(
    sk_lag_highest, (const float *coherence, size_t count, float *best),
    (coherence, count, best))
CK_DISPATCH(
    sk_plausible_lags,
    (const float *slow, float least_slow, const float *fast, float least_fast, size_t count,
     ptrdiff_t lock, uint8_t *plausible, size_t *marked),
    (slow, least_slow, fast, least_fast, count, lock, plausible, marked))
CK_DISPATCH(
    sk_far_insert, (const float *level, size_t head, uint8_t *levels), (level, head, levels))
CK_DISPATCH(
    sk_far_maximum,
    (const uint8_t *levels, size_t head, const uint8_t *wanted, uint8_t *chosen, uint8_t *all),
    (levels, head, wanted, chosen, all))
