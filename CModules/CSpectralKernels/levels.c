// Sidetone
// SPDX-License-Identifier: Apache-2.0

#include "CSpectralKernels.h"
#include "lanes.h"

CK_INLINE void sk_floor_follow_body(
    const sk_floor_rule *rule, const float *level, float *track, float *floor) {
    for (int band = 0; band < SK_BAND_LANES; band += 8) {
        f32x8 smoothed = load(track + band);
        smoothed += rule->smoothing * (load(level + band) - smoothed);
        store(track + band, smoothed);
        f32x8 newest = load(track + SK_BAND_LANES + band);
        f32x8 older = load(track + 2 * SK_BAND_LANES + band);
        newest = chosen(smoothed < newest, smoothed, newest);
        store(track + SK_BAND_LANES + band, newest);
        f32x8 target = chosen(older < newest, older, newest) + rule->raise;
        target = chosen(target < rule->lowest, (f32x8){} + rule->lowest, target);
        f32x8 before = load(floor + band);
        f32x8 pace = chosen(target < before, (f32x8){} + rule->fall, (f32x8){} + rule->rise);
        store(floor + band, before + pace * (target - before));
    }
}

CK_INLINE void sk_band_features_body(
    const float *level, const float *floor, float *before, float *values,
    sk_band_summary *summary) {
    const f32x8 one = (f32x8){} + 1.0f;
    // The last vector holds five bands and three lanes of none.
    const i32x8 all = {-1, -1, -1, -1, -1, -1, -1, -1}, five = {-1, -1, -1, -1, -1, 0, 0, 0};
    f32x8 sum = {}, change = {}, count = {};
    f32x8 levels[3];
    for (int v = 0; v < 3; v += 1) {
        i32x8 real = v < 2 ? all : five;
        f32x8 here = load(level + 8 * v);
        here = chosen((here > 0.0f) & real, here, (f32x8){});
        f32x8 above = here - load(floor + 8 * v);
        f32x8 step = here - load(before + 8 * v);
        store(before + 8 * v, here);
        levels[v] = here;
        sum += here;
        change += chosen(step < 0.0f, -step, step);
        count += chosen((above > 3.0f) & real, one, (f32x8){});
        store(values + 8 * v, clamped(above, -5.0f, 35.0f) * 0.1f);
    }
    const float share = 1.0f / SK_BANDS;
    float mean = sum_of_lanes(sum) * share;
    for (int v = 0; v < 3; v += 1) {
        store(values + SK_BANDS + 8 * v, clamped(levels[v] - mean, -25.0f, 25.0f) * 0.1f);
    }
    summary->mean = mean;
    summary->change = sum_of_lanes(change) * share;
    summary->above_floor = sum_of_lanes(count);
}

CK_DISPATCH(
    sk_floor_follow,
    (const sk_floor_rule *rule, const float *level, float *track, float *floor),
    (rule, level, track, floor))
CK_DISPATCH(
    sk_band_features,
    (const float *level, const float *floor, float *before, float *values,
     sk_band_summary *summary),
    (level, floor, before, values, summary))
