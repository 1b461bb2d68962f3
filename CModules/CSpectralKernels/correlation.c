// Sidetone
// SPDX-License-Identifier: Apache-2.0

// Correlation of two band patterns over many lags. Products are small integers, so their sums are
// exact in any order; the float parts treat each lag on its own, so vector width changes nothing.

#include "EchoKernels.h"
#include "lanes.h"

#include <math.h>

#pragma STDC FP_CONTRACT OFF

typedef int8_t i8x32 __attribute__((vector_size(32)));
typedef uint8_t u8x32 __attribute__((vector_size(32)));
typedef int16_t i16x32 __attribute__((vector_size(64)));

enum { COLUMNS = 32 };

/// The column of `head` first, the rest in the order of the ring.
#define UNROLL_RING(target, source, head)                                                   \
    memcpy(target, (source) + (head), (SK_LAG_SLOTS - (head)) * sizeof(*(source)));        \
    memcpy((target) + (SK_LAG_SLOTS - (head)), source, (head) * sizeof(*(source)));

CK_INLINE void sk_lag_products_body(
    const int8_t *patterns, size_t head, const int8_t *near, float *products) {
    int16_t sums[SK_LAG_SLOTS];
    for (size_t first = 0; first < SK_LAG_SLOTS; first += COLUMNS) {
        i16x32 sum = {0};
        for (size_t band = 0; band < SK_BANDS; band += 1) {
            i8x32 far;
            memcpy(&far, patterns + band * SK_LAG_SLOTS + first, sizeof(far));
            sum += __builtin_convertvector(far, i16x32) * (int16_t)near[band];
        }
        memcpy(sums + first, &sum, sizeof(sum));
    }
    int16_t ordered[SK_LAG_SLOTS];
    UNROLL_RING(ordered, sums, head)
    for (size_t lag = 0; lag < SK_LAG_SLOTS; lag += 1) {
        products[lag] = (float)ordered[lag];
    }
}

CK_INLINE void sk_lag_coherence_body(
    const float *products, float keep, float *sums, const float *far_energies, size_t head,
    float near_energy, float least, float *coherence) {
    float energies[SK_LAG_SLOTS];
    UNROLL_RING(energies, far_energies, head)
    const float near = near_energy < least ? 0.0f : near_energy;
    for (size_t lag = 0; lag < SK_LAG_SLOTS; lag += 1) {
        const float sum = keep * sums[lag] + products[lag];
        sums[lag] = sum;
        const float energy = energies[lag] < least ? 0.0f : energies[lag] * near;
        // Where either signal has shown too little, the denominator sends the ratio to nothing.
        coherence[lag] = sum / sqrtf(energy <= 0.0f ? 1e30f : energy);
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

CK_INLINE void sk_plausible_lags_body(
    const float *slow, float least_slow, const float *fast, float least_fast, size_t count,
    uint8_t *plausible) {
    uint8_t peaks[SK_LAG_SLOTS + 4] = {0};
    for (size_t lag = 0; lag < count; lag += 1) {
        peaks[lag + 2] = slow[lag] > least_slow || fast[lag] > least_fast ? 0xFF : 0;
    }
    for (size_t lag = 0; lag < SK_LAG_SLOTS; lag += 1) {
        plausible[lag] = peaks[lag] | peaks[lag + 1] | peaks[lag + 2] | peaks[lag + 3];
    }
}

CK_INLINE void sk_far_maximum_body(
    const uint8_t *levels, size_t head, const uint8_t *wanted, size_t count, uint8_t *chosen,
    uint8_t *all) {
    u8x32 among = {0}, any = {0};
    size_t slot = head;
    for (size_t lag = 0; lag < count; lag += 1) {
        u8x32 row;
        memcpy(&row, levels + slot * SK_BAND_LANES, sizeof(row));
        any = __builtin_elementwise_max(row, any);
        row &= wanted[lag];
        among = __builtin_elementwise_max(row, among);
        slot = slot + 1 == SK_LAG_SLOTS ? 0 : slot + 1;
    }
    memcpy(chosen, &among, SK_BAND_LANES);
    memcpy(all, &any, SK_BAND_LANES);
}

CK_DISPATCH(
    sk_lag_products,
    (const int8_t *patterns, size_t head, const int8_t *near, float *products),
    (patterns, head, near, products))
CK_DISPATCH(
    sk_lag_coherence,
    (const float *products, float keep, float *sums, const float *far_energies, size_t head,
     float near_energy, float least, float *coherence),
    (products, keep, sums, far_energies, head, near_energy, least, coherence))
CK_DISPATCH(
    sk_lag_peaks,
    (const float *coherence, size_t count, size_t guard, sk_lag_peaks_result *result),
    (coherence, count, guard, result))
CK_DISPATCH(
    sk_plausible_lags,
    (const float *slow, float least_slow, const float *fast, float least_fast, size_t count,
     uint8_t *plausible),
    (slow, least_slow, fast, least_fast, count, plausible))
CK_DISPATCH(
    sk_far_maximum,
    (const uint8_t *levels, size_t head, const uint8_t *wanted, size_t count, uint8_t *chosen,
     uint8_t *all),
    (levels, head, wanted, count, chosen, all))
