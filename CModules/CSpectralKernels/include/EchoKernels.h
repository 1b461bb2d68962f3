// Sidetone
// SPDX-License-Identifier: Apache-2.0

// Kernels of the echo path: lag correlation of band patterns and the adaptive filter. No
// allocation, no state beyond the arguments; results are the same on every vector width. Buffers
// may have any alignment and must not overlap.

#pragma once

#include "CSpectralKernels.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /// Columns of a ring of blocks. The newest block is at `head`, older ones follow, wrapping
    /// round: column (head + lag) % SK_LAG_SLOTS is `lag` blocks old.
    SK_LAG_SLOTS = 96,
    /// Octets of a ring of patterns: [11 pairs of bands][96 columns][2].
    SK_PATTERN_OCTETS = 11 * 96 * 2,
    /// Lags over which levels have their maximum.
    SK_LEVEL_LAGS = 84,
    /// Octets of a ring of levels: 96 rows of 24, the maximum of each twelve of them, and room for
    /// the last row, as rows are read 32 octets at a time.
    SK_LEVEL_OCTETS = (96 + 8) * 24 + 8,
    /// Steps of a level in a decibel.
    SK_LEVEL_STEPS = 2,
};

// Lag correlation.

/// Puts a pattern of 24 bands into the column `head`.
void sk_lag_insert(int8_t *patterns, size_t head, const int8_t *pattern);

/// Writes the 24 bands of a column.
void sk_lag_pattern(const int8_t *patterns, size_t column, float *pattern);

/// products[lag] = sum over the bands of patterns[band][column of lag] * near[band].
///
/// Magnitudes of patterns must be at most 36, so that sums of 21 products stay within 16 bits.
void sk_lag_products(
    const int8_t *patterns, size_t head, const int8_t *near, float *products);

/// Puts `energy` in front of the 96 `energies`; the last one falls out.
void sk_lag_energy(float *energies, float energy);

/// Lets `sums` forget by `keep`, adds `products`, and normalises: each sum over the root of the
/// product of the energies. Zero where an energy is below `least`. All are in order of lag.
void sk_lag_coherence(
    const float *products, float keep, float *sums, const float *far_energies,
    float near_energy, float least, float *coherence);

typedef struct sk_lag_peaks_result {
    /// The highest coherence, and the highest that is more than `guard` lags away from it.
    float best;
    float rival;
    size_t lag;
} sk_lag_peaks_result;

void sk_lag_peaks(
    const float *coherence, size_t count, size_t guard, sk_lag_peaks_result *result);

/// The highest of the first `count` of 96.
void sk_lag_highest(const float *coherence, size_t count, float *best);

/// Marks with 0xFF the lags whose coherence exceeds one of the two limits, together with the lag
/// before and the two after each, and those from one before `lock`, where that is a lag, to three
/// after it; the rest with 0. `marked` is their number among the first `count`.
void sk_plausible_lags(
    const float *slow, float least_slow, const float *fast, float least_fast, size_t count,
    ptrdiff_t lock, uint8_t *plausible, size_t *marked);

/// Puts the levels of 21 bands into the row `head`, which follows on the one before.
void sk_far_insert(const float *level, size_t head, uint8_t *levels);

/// The highest level of each band over the lags that are marked in `wanted`, and over all of the
/// first SK_LEVEL_LAGS lags.
void sk_far_maximum(
    const uint8_t *levels, size_t head, const uint8_t *wanted, uint8_t *chosen, uint8_t *all);

/// Lets both levels fall by `decay`, to `likely` and `possible` at most, in steps.
void sk_echo_fall(
    const uint8_t *likely, const uint8_t *possible, float decay, float *level, float *highest);

// Bands of one block: arrays of SK_BAND_LANES in dB. Lanes that belong to no band are in no sum.

typedef struct sk_band_excess_result {
    /// Sums of how far levels exceed what echo and noise explain, limited to -8...14 dB: where
    /// positive, all of it, and where positive among the nine lowest bands.
    float positive;
    float balance;
    float low;
    /// Bands that lie more than 2 dB above and below.
    float above;
    float below;
    /// Sum of the positive excess over echo and the noise's own height.
    float ceiling;
} sk_band_excess_result;

void sk_band_excess(
    const float *level, const float *power, const float *gain, const float *floor,
    const float *height, sk_band_excess_result *result);

/// The number of bands in which level + gain exceeds floor by more than `margin`.
void sk_band_count(
    const float *level, const float *gain, const float *floor, float margin, float *count);

/// The sum of level - floor, limited to least...most.
void sk_band_margin(
    const float *level, const float *floor, float least, float most, float *sum);

/// Writes how far levels (no lower than `floor`) lie from their mean, up to `limit`, and moves the
/// mean. What lies below the mean and within `noise` of the floor counts half. `quantised` is the
/// pattern in whole steps, `energy` the sum of their squares.
void sk_pattern_follow(
    const float *level, const float *floor, float share, float limit, float steps, float noise,
    float *mean, float *pattern, int8_t *quantised, float *energy);

typedef struct sk_pattern_products_result {
    float product;
    float energy;
    float other_energy;
} sk_pattern_products_result;

void sk_pattern_products(
    const float *pattern, const float *other, sk_pattern_products_result *result);

enum {
    /// Numbers that the barge-in net sees of one block, and the leaky means of each.
    SK_FEATURES = 27,
    SK_FEATURE_MEANS = 4,
};

/// Moves the means in `inputs`, which follow on the newest block's `values` there, by their shares.
void sk_feature_means(const float *values, const float *shares, float *inputs);

typedef struct sk_gain_pace {
    /// dB per block.
    float up;
    float down;
    float initial;
    float lowest;
} sk_gain_pace;

/// Moves each band's gain towards returned - power.
void sk_gain_follow(
    const float *returned, const float *power, const float *floor, sk_gain_pace pace,
    float *gain);

typedef struct sk_height_pace {
    float up;
    float down;
    float lowest;
    float highest;
} sk_height_pace;

/// Moves the noise's height towards level - floor in bands where echo + gain lies under the floor.
void sk_height_follow(
    const float *level, const float *floor, const float *echo, const float *gain,
    sk_height_pace pace, float *height);

// Adaptive filter. A spectrum is SK_BINS real parts, then SK_BINS imaginary parts; a filter or a
// history is `partitions` spectra. Slot `newest` of a history is the newest spectrum, older ones
// follow, wrapping round.

/// What two filters make of the same history.
void sk_filters_apply(
    const float *filter, const float *other, const float *history, size_t newest,
    size_t partitions, float *output, float *other_output);

/// Adds to each partition the conjugate of its input times the error, by `rates` per bin.
void sk_filter_adapt(
    float *filter, const float *history, size_t newest, size_t partitions, const float *error,
    const float *rates);

/// Moves `power` towards the spectrum's by `share`; `total` is its new sum.
void sk_power_follow(const float *spectrum, float share, float *power, float *total);

typedef struct sk_leakage_result {
    /// Sums over the bins: products of the two powers' changes, squares of the echo's, and the
    /// followed powers.
    float joint;
    float square;
    float error_power;
    float echo_power;
} sk_leakage_result;

void sk_leakage_follow(
    const float *error, const float *echo, float share, float *error_power, float *echo_power,
    sk_leakage_result *result);

typedef struct sk_adaptation_bounds {
    float leakage;
    float least;
    float most;
    float scale;
} sk_adaptation_bounds;

/// rates = scale * clamp(leakage * echo / error, least...most) / (far power + regularisation).
void sk_adaptation_rates(
    const float *error_power, const float *echo_power, const float *far_power,
    float regularisation, sk_adaptation_bounds bounds, float *rates);

/// difference = samples - estimate, and its energy. `count` is a multiple of 8.
void sk_subtract(
    const float *samples, const float *estimate, size_t count, float *difference, float *energy);

/// The sum of the squares. `count` is a multiple of 8.
void sk_energy(const float *samples, size_t count, float *energy);

#ifdef __cplusplus
}
#endif
