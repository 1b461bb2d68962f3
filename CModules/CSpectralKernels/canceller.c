// Sidetone
// SPDX-License-Identifier: Apache-2.0

// Arithmetic of the partitioned frequency-domain echo canceller. Spectra are split: SK_BINS real
// parts, then as many imaginary parts. Bins are independent of each other; where they are summed,
// eight lanes are summed side by side and then folded in a fixed order.

#include "CSpectralKernels.h"
#include "lanes.h"

#pragma STDC FP_CONTRACT OFF

enum { LANES = 8 };

CK_INLINE void sk_filters_apply_body(
    const float *filter, const float *other, const float *history, size_t newest,
    size_t partitions, float *output, float *other_output) {
    // Two vectors of bins at a time: a whole cache line of each array.
    enum { STEP = 2 };
    for (size_t bin = 0; bin < SK_BINS; bin += STEP * LANES) {
        f32x8 real[STEP] = {}, imaginary[STEP] = {};
        f32x8 other_real[STEP] = {}, other_imaginary[STEP] = {};
        size_t slot = newest;
        for (size_t partition = 0; partition < partitions; partition += 1) {
            const float *weights = filter + partition * 2 * SK_BINS + bin;
            const float *others = other + partition * 2 * SK_BINS + bin;
            const float *input = history + slot * 2 * SK_BINS + bin;
            for (int v = 0; v < STEP; v += 1) {
                const f32x8 c = load(input + LANES * v), d = load(input + SK_BINS + LANES * v);
                f32x8 a = load(weights + LANES * v), b = load(weights + SK_BINS + LANES * v);
                real[v] += a * c - b * d;
                imaginary[v] += a * d + b * c;
                a = load(others + LANES * v), b = load(others + SK_BINS + LANES * v);
                other_real[v] += a * c - b * d;
                other_imaginary[v] += a * d + b * c;
            }
            slot = slot + 1 == partitions ? 0 : slot + 1;
        }
        for (int v = 0; v < STEP; v += 1) {
            store(output + bin + LANES * v, real[v]);
            store(output + SK_BINS + bin + LANES * v, imaginary[v]);
            store(other_output + bin + LANES * v, other_real[v]);
            store(other_output + SK_BINS + bin + LANES * v, other_imaginary[v]);
        }
    }
}

CK_INLINE void sk_filter_adapt_body(
    float *filter, const float *history, size_t newest, size_t partitions, const float *error,
    const float *rates) {
    enum { STEP = 2 };
    for (size_t bin = 0; bin < SK_BINS; bin += STEP * LANES) {
        f32x8 a[STEP], b[STEP];
        for (int v = 0; v < STEP; v += 1) {
            const f32x8 rate = load(rates + bin + LANES * v);
            a[v] = load(error + bin + LANES * v) * rate;
            b[v] = load(error + SK_BINS + bin + LANES * v) * rate;
        }
        size_t slot = newest;
        for (size_t partition = 0; partition < partitions; partition += 1) {
            float *weights = filter + partition * 2 * SK_BINS + bin;
            const float *input = history + slot * 2 * SK_BINS + bin;
            for (int v = 0; v < STEP; v += 1) {
                float *real = weights + LANES * v, *imaginary = real + SK_BINS;
                const f32x8 c = load(input + LANES * v), d = load(input + SK_BINS + LANES * v);
                store(real, load(real) + (c * a[v] + d * b[v]));
                store(imaginary, load(imaginary) + (c * b[v] - d * a[v]));
            }
            slot = slot + 1 == partitions ? 0 : slot + 1;
        }
    }
}

CK_INLINE void sk_power_follow_body(
    const float *spectrum, float share, float *power, float *total) {
    f32x8 sum = {0};
    for (size_t bin = 0; bin < SK_BINS; bin += LANES) {
        const f32x8 a = load(spectrum + bin), b = load(spectrum + SK_BINS + bin);
        f32x8 followed = load(power + bin);
        followed += share * (a * a + b * b - followed);
        store(power + bin, followed);
        sum += followed;
    }
    *total = sum_of_lanes(sum);
}

CK_INLINE void sk_leakage_follow_body(
    const float *error, const float *echo, float share, float *error_power, float *echo_power,
    sk_leakage_result *result) {
    f32x8 joint = {0}, square = {0}, error_sum = {0}, echo_sum = {0};
    for (size_t bin = 0; bin < SK_BINS; bin += LANES) {
        const f32x8 a = load(error + bin), b = load(error + SK_BINS + bin);
        const f32x8 c = load(echo + bin), d = load(echo + SK_BINS + bin);
        f32x8 followed_error = load(error_power + bin), followed_echo = load(echo_power + bin);
        const f32x8 error_change = a * a + b * b - followed_error;
        const f32x8 echo_change = c * c + d * d - followed_echo;
        followed_error += share * error_change;
        followed_echo += share * echo_change;
        store(error_power + bin, followed_error);
        store(echo_power + bin, followed_echo);
        joint += error_change * echo_change;
        square += echo_change * echo_change;
        error_sum += followed_error;
        echo_sum += followed_echo;
    }
    result->joint = sum_of_lanes(joint);
    result->square = sum_of_lanes(square);
    result->error_power = sum_of_lanes(error_sum);
    result->echo_power = sum_of_lanes(echo_sum);
}

CK_INLINE void sk_adaptation_rates_body(
    const float *error_power, const float *echo_power, const float *far_power,
    float regularisation, sk_adaptation_bounds bounds, float *rates) {
    for (size_t bin = 0; bin < SK_BINS; bin += 1) {
        float step = bounds.leakage * echo_power[bin] / (error_power[bin] + 1.0f);
        step = step > bounds.most ? bounds.most : step;
        step = step < bounds.least ? bounds.least : step;
        rates[bin] = step * bounds.scale / (far_power[bin] + regularisation);
    }
}

CK_INLINE void sk_subtract_body(
    const float *samples, const float *estimate, size_t count, float *difference, float *energy) {
    f32x8 sum = {0};
    for (size_t index = 0; index < count; index += LANES) {
        const f32x8 lanes = load(samples + index) - load(estimate + index);
        store(difference + index, lanes);
        sum += lanes * lanes;
    }
    *energy = sum_of_lanes(sum);
}

CK_INLINE void sk_energy_body(const float *samples, size_t count, float *energy) {
    f32x8 sum = {0};
    for (size_t index = 0; index < count; index += LANES) {
        const f32x8 lanes = load(samples + index);
        sum += lanes * lanes;
    }
    *energy = sum_of_lanes(sum);
}

CK_DISPATCH(
    sk_filters_apply,
    (const float *filter, const float *other, const float *history, size_t newest,
     size_t partitions, float *output, float *other_output),
    (filter, other, history, newest, partitions, output, other_output))
CK_DISPATCH(
    sk_filter_adapt,
    (float *filter, const float *history, size_t newest, size_t partitions, const float *error,
     const float *rates),
    (filter, history, newest, partitions, error, rates))
CK_DISPATCH(
    sk_power_follow, (const float *spectrum, float share, float *power, float *total),
    (spectrum, share, power, total))
CK_DISPATCH(
    sk_leakage_follow,
    (const float *error, const float *echo, float share, float *error_power, float *echo_power,
     sk_leakage_result *result),
    (error, echo, share, error_power, echo_power, result))
CK_DISPATCH(
    sk_adaptation_rates,
    (const float *error_power, const float *echo_power, const float *far_power,
     float regularisation, sk_adaptation_bounds bounds, float *rates),
    (error_power, echo_power, far_power, regularisation, bounds, rates))
CK_DISPATCH(
    sk_subtract,
    (const float *samples, const float *estimate, size_t count, float *difference, float *energy),
    (samples, estimate, count, difference, energy))
CK_DISPATCH(
    sk_energy, (const float *samples, size_t count, float *energy), (samples, count, energy))
