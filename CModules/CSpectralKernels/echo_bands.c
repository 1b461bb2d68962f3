// Sidetone
// SPDX-License-Identifier: Apache-2.0

// What the echo path does with the bands of one block. Bands are independent of each other; sums
// over them leave out the lanes that belong to no band and have the fixed order of `sum_of_lanes`.

#include "CSpectralKernels.h"
#include "lanes.h"

#pragma STDC FP_CONTRACT OFF

typedef uint8_t u8x8 __attribute__((vector_size(8)));
typedef int8_t i8x8 __attribute__((vector_size(8)));

enum { LANES = 8 };

static const float IS_BAND[SK_BAND_LANES] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                             1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0};
static const float IS_LOW[SK_BAND_LANES] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0,
                                            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

CK_INLINE f32x8 all(float value) { return (f32x8){} + value; }

CK_INLINE f32x8 higher(f32x8 a, f32x8 b) { return chosen(a > b, a, b); }

CK_INLINE f32x8 lower(f32x8 a, f32x8 b) { return chosen(a < b, a, b); }

/// To the nearest whole number, ties to even: the addition rounds away what is behind the point.
CK_INLINE f32x8 rounded(f32x8 x) { return (x + 12582912.0f) - 12582912.0f; }

CK_INLINE void sk_band_excess_body(
    const float *level, const float *power, const float *gain, const float *floor,
    const float *height, sk_band_excess_result *result) {
    f32x8 positive = {}, balance = {}, low = {}, above = {}, below = {}, ceiling = {};
    for (size_t band = 0; band < SK_BAND_LANES; band += LANES) {
        const f32x8 is_band = load(IS_BAND + band);
        const f32x8 here = load(level + band), noise = load(floor + band);
        const f32x8 echo = load(power + band) + load(gain + band);
        const f32x8 excess = clamped(here - higher(echo, noise + 3.0f), -8.0f, 14.0f);
        const f32x8 upper = higher(excess, all(0)) * is_band;
        positive += upper;
        low += upper * load(IS_LOW + band);
        balance += excess * is_band;
        above += chosen(excess > 2.0f, is_band, all(0));
        below += chosen(excess < -2.0f, is_band, all(0));
        ceiling += is_band
            * clamped(here - higher(echo, noise + load(height + band)), 0.0f, 14.0f);
    }
    result->positive = sum_of_lanes(positive);
    result->balance = sum_of_lanes(balance);
    result->low = sum_of_lanes(low);
    result->above = sum_of_lanes(above);
    result->below = sum_of_lanes(below);
    result->ceiling = sum_of_lanes(ceiling);
}

CK_INLINE void sk_band_margin_body(
    const float *level, const float *floor, float least, float most, float *sum) {
    f32x8 total = {};
    for (size_t band = 0; band < SK_BAND_LANES; band += LANES) {
        total += load(IS_BAND + band)
            * clamped(load(level + band) - load(floor + band), least, most);
    }
    *sum = sum_of_lanes(total);
}

CK_INLINE void sk_band_count_body(
    const float *level, const float *gain, const float *floor, float margin, float *count) {
    f32x8 sum = {};
    for (size_t band = 0; band < SK_BAND_LANES; band += LANES) {
        const i32x8 exceeds = load(level + band) + load(gain + band) > load(floor + band) + margin;
        sum += chosen(exceeds, load(IS_BAND + band), all(0));
    }
    *count = sum_of_lanes(sum);
}

CK_INLINE f32x8 load_levels(const uint8_t *steps) {
    u8x8 whole;
    memcpy(&whole, steps, sizeof(whole));
    return __builtin_convertvector(whole, f32x8) * (1.0f / SK_LEVEL_STEPS);
}

CK_INLINE void sk_echo_fall_body(
    const uint8_t *likely, const uint8_t *possible, float decay, float *level, float *highest) {
    for (size_t band = 0; band < SK_BAND_LANES; band += LANES) {
        const i32x8 is_band = load(IS_BAND + band) > 0.0f;
        const f32x8 before = load(level + band), highest_before = load(highest + band);
        const f32x8 now = higher(before - decay, load_levels(likely + band));
        const f32x8 highest_now = higher(highest_before - decay, load_levels(possible + band));
        store(level + band, chosen(is_band, now, before));
        store(highest + band, chosen(is_band, highest_now, highest_before));
    }
}

CK_INLINE void sk_feature_means_body(const float *values, const float *shares, float *inputs) {
    for (size_t index = 0; index < SK_FEATURES; index += 1) {
        inputs[index] = values[index];
    }
    for (size_t mean = 0; mean < SK_FEATURE_MEANS; mean += 1) {
        float *means = inputs + (mean + 1) * SK_FEATURES;
        for (size_t index = 0; index < SK_FEATURES; index += 1) {
            means[index] += shares[mean] * (values[index] - means[index]);
        }
    }
}

CK_INLINE void sk_pattern_follow_body(
    const float *level, const float *floor, float share, float limit, float steps, float noise,
    float *mean, float *pattern, int8_t *quantised, float *energy) {
    f32x8 sum = {};
    for (size_t band = 0; band < SK_BAND_LANES; band += LANES) {
        const f32x8 here = load(level + band), lowest = load(floor + band);
        const f32x8 before = load(mean + band);
        const f32x8 change = higher(here, lowest) - before;
        store(mean + band, before + share * change);
        f32x8 value = clamped(change, -limit, limit) * load(IS_BAND + band);
        value = chosen((value < 0.0f) & (here <= lowest + noise), value * 0.5f, value);
        store(pattern + band, value);
        const f32x8 step = rounded(value * steps);
        sum += step * step;
        const i8x8 whole =
            __builtin_convertvector(__builtin_convertvector(step, i32x8), i8x8);
        memcpy(quantised + band, &whole, sizeof(whole));
    }
    *energy = sum_of_lanes(sum);
}

CK_INLINE void sk_pattern_products_body(
    const float *pattern, const float *other, sk_pattern_products_result *result) {
    f32x8 product = {}, energy = {}, other_energy = {};
    for (size_t band = 0; band < SK_BAND_LANES; band += LANES) {
        const f32x8 a = load(pattern + band), b = load(other + band);
        product += a * b;
        energy += a * a;
        other_energy += b * b;
    }
    result->product = sum_of_lanes(product);
    result->energy = sum_of_lanes(energy);
    result->other_energy = sum_of_lanes(other_energy);
}

CK_INLINE void sk_gain_follow_body(
    const float *returned, const float *power, const float *floor, sk_gain_pace pace,
    float *gain) {
    for (size_t band = 0; band < SK_BAND_LANES; band += LANES) {
        const f32x8 level = load(power + band), noise = load(floor + band);
        const f32x8 here = load(returned + band), current = load(gain + band);
        f32x8 wanted = here - level;
        // At the level of the noise the gain can only be known to be lower.
        wanted = chosen(here < noise + 4.0f, lower(wanted, all(pace.initial)), wanted);
        const f32x8 distance = wanted - current;
        const f32x8 up = pace.up * lower(distance * (1.0f / 3), all(1));
        const f32x8 down = pace.down * higher(distance * (1.0f / 6), all(-1));
        const i32x8 is_told = (here > noise + 3.0f) | (level > noise + 15.0f);
        f32x8 step = chosen(distance > 0.0f, up, chosen(is_told, down, all(0)));
        step = chosen((level < noise - 5.0f) & (level < 20.0f), all(0), step);
        store(gain + band, clamped(current + step, pace.lowest, 0.0f));
    }
}

CK_INLINE void sk_height_follow_body(
    const float *level, const float *floor, const float *echo, const float *gain,
    sk_height_pace pace, float *height) {
    for (size_t band = 0; band < SK_BAND_LANES; band += LANES) {
        const f32x8 noise = load(floor + band), current = load(height + band);
        const f32x8 distance = load(level + band) - noise - current;
        const f32x8 up = pace.up * lower(distance * (1.0f / 3), all(1));
        const f32x8 down = pace.down * higher(distance * (1.0f / 6), all(-1));
        const f32x8 step = chosen(distance > 0.0f, up, down);
        const i32x8 is_quiet = load(echo + band) + load(gain + band) < noise;
        store(
            height + band,
            clamped(current + chosen(is_quiet, step, all(0)), pace.lowest, pace.highest));
    }
}

CK_DISPATCH(
    sk_band_excess,
    (const float *level, const float *power, const float *gain, const float *floor,
     const float *height, sk_band_excess_result *result),
    (level, power, gain, floor, height, result))
CK_DISPATCH(
    sk_band_margin,
    (const float *level, const float *floor, float least, float most, float *sum),
    (level, floor, least, most, sum))
CK_DISPATCH(
    sk_band_count,
    (const float *level, const float *gain, const float *floor, float margin, float *count),
    (level, gain, floor, margin, count))
CK_DISPATCH(
    sk_echo_fall,
    (const uint8_t *likely, const uint8_t *possible, float decay, float *level, float *highest),
    (likely, possible, decay, level, highest))
CK_DISPATCH(
    sk_feature_means, (const float *values, const float *shares, float *inputs),
    (values, shares, inputs))
CK_DISPATCH(
    sk_pattern_follow,
    (const float *level, const float *floor, float share, float limit, float steps, float noise,
     float *mean, float *pattern, int8_t *quantised, float *energy),
    (level, floor, share, limit, steps, noise, mean, pattern, quantised, energy))
CK_DISPATCH(
    sk_pattern_products,
    (const float *pattern, const float *other, sk_pattern_products_result *result),
    (pattern, other, result))
CK_DISPATCH(
    sk_gain_follow,
    (const float *returned, const float *power, const float *floor, sk_gain_pace pace,
     float *gain),
    (returned, power, floor, pace, gain))
CK_DISPATCH(
    sk_height_follow,
    (const float *level, const float *floor, const float *echo, const float *gain,
     sk_height_pace pace, float *height),
    (level, floor, echo, gain, pace, height))
