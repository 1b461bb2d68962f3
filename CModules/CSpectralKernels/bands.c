// Sidetone
// SPDX-License-Identifier: Apache-2.0

#include "CSpectralKernels.h"
#include "lanes.h"

// A block's place in the window turns the bins of odd number around.
static const float ALTERNATING[8] = {1, -1, 1, -1, 1, -1, 1, -1};

CK_INLINE void sk_block_body(const int16_t *samples, float *block) {
    for (int index = 0; index < SK_BLOCK; index += 1) {
        block[index] = (float)samples[index];
    }
}

CK_INLINE void sk_join_body(const float *spectrum, const float *previous, float *full) {
    const f32x8 sign = load(ALTERNATING);
    for (int k = 0; k < 2 * SK_BINS; k += 8) {
        store(full + k, load(spectrum + k) + sign * load(previous + k));
    }
}

/// Two blocks in a row under a Hann window, which is three taps across the bins. Lanes of bins 0
/// and 63 are wrong; no band has them.
CK_INLINE f32x8 windowed(const f32x8 *full, int d) {
    const f32x8 half = (f32x8){} + 0.5f, quarter = (f32x8){} + 0.25f;
    f32x8 here = full[d];
    f32x8 below = __builtin_shufflevector(
        d > 0 ? full[d - 1] : here, here, 7, 8, 9, 10, 11, 12, 13, 14);
    f32x8 above = __builtin_shufflevector(
        here, d < 7 ? full[d + 1] : here, 1, 2, 3, 4, 5, 6, 7, 8);
    return half * here - quarter * (below + above);
}

CK_INLINE void sk_band_power_body(const float *spectrum, const float *previous, float *power) {
    const f32x8 sign = load(ALTERNATING);
    f32x8 full_re[8], full_im[8];
    float p[SK_BINS];
    for (int d = 0; d < 8; d += 1) {
        full_re[d] = load(spectrum + 8 * d) + sign * load(previous + 8 * d);
        full_im[d] =
            load(spectrum + SK_BINS + 8 * d) + sign * load(previous + SK_BINS + 8 * d);
    }
    for (int d = 0; d < 8; d += 1) {
        f32x8 a = windowed(full_re, d), b = windowed(full_im, d);
        store(p + 8 * d, a * a + b * b);
    }

    // Bins of a band times the 24 that the window and the scale make.
    const float one = 1.0f / 24, two = 1.0f / 48, three = 1.0f / 72, four = 1.0f / 96,
                five = 1.0f / 120;
    for (int band = 0; band < 5; band += 1) {
        power[band] = p[3 + band] * one;
    }
    for (int band = 0; band < 6; band += 1) {
        const float *bin = p + 8 + 2 * band;
        power[5 + band] = (bin[0] + bin[1]) * two;
    }
    for (int band = 0; band < 4; band += 1) {
        const float *bin = p + 20 + 3 * band;
        power[11 + band] = (bin[0] + bin[1] + bin[2]) * three;
    }
    for (int band = 0; band < 5; band += 1) {
        const float *bin = p + 32 + 4 * band;
        power[15 + band] = ((bin[0] + bin[1]) + (bin[2] + bin[3])) * four;
    }
    power[20] = ((p[52] + p[53]) + (p[54] + p[55]) + p[56]) * five;
    for (int band = SK_BANDS; band < SK_BAND_LANES; band += 1) {
        power[band] = 0;
    }
}

CK_INLINE void sk_decibels_body(const float *power, float *level, size_t count) {
    const f32x8 one = (f32x8){} + 1.0f;
    for (size_t index = 0; index < count; index += 8) {
        i32x8 bits = (i32x8)(load(power + index) + 0.001f);
        f32x8 exponent = __builtin_convertvector((bits >> 23) - 127, f32x8);
        f32x8 x = (f32x8)((bits & 0x7fffff) | 0x3f800000) - one;
        // log2(1 + x) - x, exact at both ends, so that the curve has no steps.
        f32x8 bend = x * -0.04514903f + 0.14842663f;
        bend = x * bend - 0.26717940f;
        bend = x * bend + 0.44191704f;
        f32x8 logarithm = exponent + (x + x * (one - x) * bend);
        store(level + index, logarithm * 3.0102999f);
    }
}

CK_DISPATCH(sk_block, (const int16_t *samples, float *block), (samples, block))
CK_DISPATCH(
    sk_join, (const float *spectrum, const float *previous, float *full),
    (spectrum, previous, full))
CK_DISPATCH(
    sk_band_power, (const float *spectrum, const float *previous, float *power),
    (spectrum, previous, power))
CK_DISPATCH(
    sk_decibels, (const float *power, float *level, size_t count), (power, level, count))

void sk_analyze(
    const float *samples, float *spectrum, float *previous, float *power, float *level) {
    memcpy(previous, spectrum, 2 * SK_BINS * sizeof(*previous));
    sk_fft_forward(samples, spectrum);
    sk_band_power(spectrum, previous, power);
    sk_decibels(power, level, SK_BAND_LANES);
}
