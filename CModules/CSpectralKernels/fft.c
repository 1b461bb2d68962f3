// Sidetone
// SPDX-License-Identifier: Apache-2.0

// The 128-point real transform as a 64-point complex one of the even and odd samples, done as 8 x 8:
// eight-point transforms down the columns, a rotation, a transposition, and the same again. Results
// come out in order, with no bit reversal.

#include "CSpectralKernels.h"
#include "lanes.h"
#include "rotations.h"

typedef struct rows {
    f32x8 re[8];
    f32x8 im[8];
} rows;

/// A four-point transform of inputs in `re[0..3]`, `im[0..3]`, written to every second row of `to`.
CK_INLINE void dft4(const f32x8 *re, const f32x8 *im, rows *to, int first) {
    f32x8 ar = re[0] + re[2], ai = im[0] + im[2];
    f32x8 br = re[0] - re[2], bi = im[0] - im[2];
    f32x8 cr = re[1] + re[3], ci = im[1] + im[3];
    f32x8 dr = re[1] - re[3], di = im[1] - im[3];
    to->re[first] = ar + cr;
    to->im[first] = ai + ci;
    to->re[first + 2] = br + di;
    to->im[first + 2] = bi - dr;
    to->re[first + 4] = ar - cr;
    to->im[first + 4] = ai - ci;
    to->re[first + 6] = br - di;
    to->im[first + 6] = bi + dr;
}

/// An eight-point transform from the sums and differences of its halves, which it rotates.
CK_INLINE void dft8(
    const f32x8 *sum_re, const f32x8 *sum_im, f32x8 *re, f32x8 *im, rows *to) {
    const f32x8 root = (f32x8){} + 0.70710678f;
    f32x8 r1 = (re[1] + im[1]) * root, i1 = (im[1] - re[1]) * root;
    f32x8 r2 = im[2], i2 = -re[2];
    f32x8 r3 = (im[3] - re[3]) * root, i3 = -(re[3] + im[3]) * root;
    re[1] = r1, im[1] = i1, re[2] = r2, im[2] = i2, re[3] = r3, im[3] = i3;
    dft4(sum_re, sum_im, to, 0);
    dft4(re, im, to, 1);
}

CK_INLINE void dft8_full(rows *all) {
    f32x8 sum_re[4], sum_im[4], re[4], im[4];
    for (int j = 0; j < 4; j += 1) {
        sum_re[j] = all->re[j] + all->re[j + 4];
        sum_im[j] = all->im[j] + all->im[j + 4];
        re[j] = all->re[j] - all->re[j + 4];
        im[j] = all->im[j] - all->im[j + 4];
    }
    dft8(sum_re, sum_im, re, im, all);
}

CK_INLINE void transpose(f32x8 *v) {
    f32x8 a[8], b[8];
    for (int j = 0; j < 4; j += 1) {
        a[2 * j] = __builtin_shufflevector(v[2 * j], v[2 * j + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        a[2 * j + 1] = __builtin_shufflevector(v[2 * j], v[2 * j + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (int j = 0; j < 8; j += 4) {
        for (int k = 0; k < 2; k += 1) {
            b[j + 2 * k] = __builtin_shufflevector(a[j + k], a[j + k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            b[j + 2 * k + 1] =
                __builtin_shufflevector(a[j + k], a[j + k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    }
    for (int j = 0; j < 4; j += 1) {
        v[j] = __builtin_shufflevector(b[j], b[j + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        v[j + 4] = __builtin_shufflevector(b[j], b[j + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

/// What follows the first eight-point transforms of the 64-point one.
CK_INLINE void finish64(rows *all) {
    for (int c = 1; c < 8; c += 1) {
        f32x8 wr = load(rotation64_re[c - 1]), wi = load(rotation64_im[c - 1]);
        f32x8 re = all->re[c], im = all->im[c];
        all->re[c] = re * wr - im * wi;
        all->im[c] = re * wi + im * wr;
    }
    transpose(all->re);
    transpose(all->im);
    dft8_full(all);
}

/// Row `d` of the bins in opposite order: lane i is bin 64 - (8 d + i), where bin 64 is `last`.
CK_INLINE f32x8 opposite(const f32x8 *v, int d, f32x8 last) {
    return __builtin_shufflevector(v[7 - d], d == 0 ? last : v[8 - d], 8, 7, 6, 5, 4, 3, 2, 1);
}

CK_INLINE void sk_fft_forward_body(const float *samples, float *spectrum) {
    f32x8 sum_re[4], sum_im[4], part_re[4], part_im[4];
    for (int j = 0; j < 4; j += 1) {
        f32x8 low = load(samples + 16 * j), high = load(samples + 16 * j + 8);
        sum_re[j] = __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14);
        sum_im[j] = __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15);
        part_re[j] = -sum_re[j];
        part_im[j] = -sum_im[j];
    }
    rows z;
    dft8(sum_re, sum_im, part_re, part_im, &z);
    finish64(&z);

    const f32x8 half = (f32x8){} + 0.5f;
    for (int d = 0; d < 8; d += 1) {
        f32x8 ar = z.re[d], ai = z.im[d];
        f32x8 br = opposite(z.re, d, z.re[0]), bi = opposite(z.im, d, z.im[0]);
        f32x8 odd_re = ai + bi, odd_im = br - ar;
        f32x8 wr = load(half_rotation128_re[d]), wi = load(half_rotation128_im[d]);
        store(spectrum + 8 * d, half * (ar + br) + (odd_re * wr - odd_im * wi));
        store(spectrum + SK_BINS + 8 * d, half * (ai - bi) + (odd_re * wi + odd_im * wr));
    }
    spectrum[SK_BINS] = z.re[0][0] - z.im[0][0];
}

CK_INLINE void sk_fft_inverse_body(const float *spectrum, float *samples) {
    f32x8 x_re[8], x_im[8];
    for (int d = 0; d < 8; d += 1) {
        x_re[d] = load(spectrum + 8 * d);
        x_im[d] = load(spectrum + SK_BINS + 8 * d);
    }
    f32x8 last = (f32x8){} + spectrum[SK_BINS];
    x_im[0][0] = 0;

    // Real and imaginary part change places: so the forward transform does the inverse one.
    const f32x8 scale = (f32x8){} + 1.0f / 64, half = (f32x8){} + 0.5f;
    rows z;
    for (int d = 0; d < 8; d += 1) {
        f32x8 ar = x_re[d], ai = x_im[d];
        f32x8 br = opposite(x_re, d, last), bi = opposite(x_im, d, (f32x8){});
        f32x8 difference_re = ar - br, difference_im = ai + bi;
        f32x8 wr = load(half_rotation128_re[d]), wi = load(half_rotation128_im[d]);
        f32x8 odd_re = difference_re * wr + difference_im * wi;
        f32x8 odd_im = difference_im * wr - difference_re * wi;
        z.im[d] = (half * (ar + br) - odd_im) * scale;
        z.re[d] = (half * (ai - bi) + odd_re) * scale;
    }
    dft8_full(&z);
    finish64(&z);
    for (int d = 0; d < 8; d += 1) {
        f32x8 even = z.im[d], odd = z.re[d];
        store(
            samples + 16 * d, __builtin_shufflevector(even, odd, 0, 8, 1, 9, 2, 10, 3, 11));
        store(
            samples + 16 * d + 8, __builtin_shufflevector(even, odd, 4, 12, 5, 13, 6, 14, 7, 15));
    }
}

CK_DISPATCH(sk_fft_forward, (const float *samples, float *spectrum), (samples, spectrum))
CK_DISPATCH(sk_fft_inverse, (const float *spectrum, float *samples), (spectrum, samples))
