// Sidetone
// SPDX-License-Identifier: Apache-2.0

// Eight lanes of float, as the compiler's own vectors: two registers at the baseline, one with AVX2,
// the same results in both.

#pragma once

#include "../CKernels/dispatch.h"

#include <stdint.h>
#include <string.h>

// A fused multiply-add on one machine and not on another would break replays between them.
#pragma STDC FP_CONTRACT OFF

// Everything that takes or returns eight lanes is inlined, so no calling convention is involved.
#pragma GCC diagnostic ignored "-Wpsabi"

typedef float f32x8 __attribute__((vector_size(32)));
typedef int32_t i32x8 __attribute__((vector_size(32)));

CK_INLINE f32x8 load(const float *from) {
    f32x8 value;
    memcpy(&value, from, sizeof(value));
    return value;
}

CK_INLINE void store(float *to, f32x8 value) { memcpy(to, &value, sizeof(value)); }

CK_INLINE f32x8 chosen(i32x8 mask, f32x8 yes, f32x8 no) {
    return (f32x8)(((i32x8)yes & mask) | ((i32x8)no & ~mask));
}

CK_INLINE f32x8 clamped(f32x8 x, float low, float high) {
    x = chosen(x > high, (f32x8){} + high, x);
    return chosen(x < low, (f32x8){} + low, x);
}

/// The sum of the lanes, by halves.
CK_INLINE float sum_of_lanes(f32x8 v) {
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

/// tanh as a rational function, within 0.0014 of it.
CK_INLINE f32x8 squashed(f32x8 x) {
    // Far out the quotient is clamped anyway; this keeps the powers finite.
    x = clamped(x, -16.0f, 16.0f);
    f32x8 square = x * x;
    f32x8 above = x * (square * (square + 105.0f) + 945.0f);
    f32x8 below = square * (square * 15.0f + 420.0f) + 945.0f;
    return clamped(above / below, -1.0f, 1.0f);
}
