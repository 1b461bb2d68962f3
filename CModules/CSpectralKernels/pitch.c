// Sidetone
// SPDX-License-Identifier: Apache-2.0

#include "CSpectralKernels.h"
#include "lanes.h"

typedef struct peak {
    float height;
    float lag;
} peak;

/// Bit i is set where lane i of the mask is.
CK_INLINE uint32_t bits_of(i32x8 mask) {
    const i32x8 weights = {1, 2, 4, 8, 16, 32, 64, 128};
    return (uint32_t)__builtin_reduce_or(mask & weights);
}

CK_INLINE void sk_pitch_observe_body(
    const float *samples, float kept, sk_pitch_sums *sums, sk_pitch *pitch) {
    enum { COUNT = SK_PITCH_LAGS + SK_PITCH_STEP };
    f32x8 products[4], energies[4];
    float squares[COUNT];
    for (int index = 0; index < COUNT; index += 8) {
        f32x8 value = load(samples + index);
        store(squares + index, value * value);
    }
    for (int v = 0; v < 4; v += 1) {
        products[v] = load(sums->products + 8 * v) * kept;
        energies[v] = load(sums->energies + 8 * v) * kept;
    }
    // Lane i of vector v is lag 31 - (8 v + i): samples lie in memory the other way round.
    for (int index = SK_PITCH_LAGS; index < COUNT; index += 1) {
        f32x8 newest = (f32x8){} + samples[index];
        for (int v = 0; v < 4; v += 1) {
            int oldest = index - SK_PITCH_LAGS + 1 + 8 * v;
            products[v] += newest * load(samples + oldest);
            energies[v] += load(squares + oldest);
        }
    }
    float ratios[SK_PITCH_LAGS];
    float energy = energies[3][7] + 2000.0f;
    for (int v = 0; v < 4; v += 1) {
        store(sums->products + 8 * v, products[v]);
        store(sums->energies + 8 * v, energies[v]);
        f32x8 square = energy * (energies[v] + 2000.0f);
        products[v] = products[v] / __builtin_elementwise_sqrt(square);
        store(ratios + 8 * v, products[v]);
    }

    // Bit i of the peaks is lag 31 - i.
    uint32_t places = 0;
    for (int v = 0; v < 4; v += 1) {
        f32x8 here = products[v];
        f32x8 before = __builtin_shufflevector(
            v > 0 ? products[v - 1] : here, here, 7, 8, 9, 10, 11, 12, 13, 14);
        f32x8 after = __builtin_shufflevector(
            here, v < 3 ? products[v + 1] : here, 1, 2, 3, 4, 5, 6, 7, 8);
        places |= bits_of((here > 0.0f) & (here >= before) & (here > after)) << 8 * v;
    }
    places &= (1u << (SK_PITCH_LAGS - SK_PITCH_SHORTEST)) - 2;

    float highest = 0;
    int count = 0;
    peak peaks[SK_PITCH_LAGS];
    for (; places != 0; places &= places - 1) {
        int place = __builtin_ctz(places);
        // The top of the parabola through the three.
        float here = ratios[place], before = ratios[place - 1], after = ratios[place + 1];
        float shift = 0.5f * (after - before) / (2 * here - before - after);
        float height = here + 0.25f * (after - before) * shift;
        peaks[count] = (peak){height, (float)(SK_PITCH_LAGS - 1 - place) - shift};
        count += 1;
        highest = height > highest ? height : highest;
    }
    pitch->strength = highest < 1.0f ? highest : 1.0f;
    pitch->lag = 0;
    // Of peaks that are nearly alike the shortest lag is the period, the others are its multiples.
    for (int index = count - 1; index >= 0; index -= 1) {
        if (peaks[index].height >= 0.85f * highest) {
            pitch->lag = peaks[index].lag;
            return;
        }
    }
}

/// Lanes moved up by `count`, those of `before` moving in.
#define MOVED_UP(before, v, count)                                                            \
    __builtin_shufflevector(                                                                  \
        before, v, 8 - (count), 9 - (count), 10 - (count), 11 - (count), 12 - (count),        \
        13 - (count), 14 - (count), 15 - (count))

CK_INLINE void sk_pitch_decimate_body(
    const float *block, float pole, sk_pitch_filter *filter, float *samples) {
    const f32x8 zero = {};
    f32x8 quarters[2];
    for (int v = 0; v < 2; v += 1) {
        f32x8 a = load(block + 32 * v), b = load(block + 32 * v + 8);
        f32x8 c = load(block + 32 * v + 16), d = load(block + 32 * v + 24);
        f32x8 ab = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
            + __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
        f32x8 cd = __builtin_shufflevector(c, d, 0, 2, 4, 6, 8, 10, 12, 14)
            + __builtin_shufflevector(c, d, 1, 3, 5, 7, 9, 11, 13, 15);
        quarters[v] = __builtin_shufflevector(ab, cd, 0, 2, 4, 6, 8, 10, 12, 14)
            + __builtin_shufflevector(ab, cd, 1, 3, 5, 7, 9, 11, 13, 15);
    }
    f32x8 last_quarter = zero + filter->quarter, last_mean = zero + filter->mean;
    const float pole2 = pole * pole, pole4 = pole2 * pole2;
    const f32x8 powers = {
        pole, pole2, pole2 * pole, pole4, pole4 * pole, pole4 * pole2, pole4 * pole2 * pole,
        pole4 * pole4};
    for (int v = 0; v < 2; v += 1) {
        f32x8 mean = quarters[v] + MOVED_UP(last_quarter, quarters[v], 1);
        f32x8 y = mean - MOVED_UP(last_mean, mean, 1);
        last_quarter = quarters[v];
        last_mean = mean;
        // The recursion by doubling: after three steps each lane holds all lanes below it.
        y += pole * MOVED_UP(zero, y, 1);
        y += pole2 * MOVED_UP(zero, y, 2);
        y += pole4 * MOVED_UP(zero, y, 4);
        y += powers * filter->output;
        filter->output = y[7];
        store(samples + 8 * v, y);
    }
    filter->quarter = last_quarter[7];
    filter->mean = last_mean[7];
}

CK_DISPATCH(
    sk_pitch_decimate,
    (const float *block, float pole, sk_pitch_filter *filter, float *samples),
    (block, pole, filter, samples))
CK_DISPATCH(
    sk_pitch_observe,
    (const float *samples, float kept, sk_pitch_sums *sums, sk_pitch *pitch),
    (samples, kept, sums, pitch))
