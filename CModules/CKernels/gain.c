// Sidetone
// SPDX-License-Identifier: Apache-2.0

#include "CKernels.h"
#include "dispatch.h"

#include <math.h>

// A fused multiply-add on one machine and not on another would break replays between them.
#pragma STDC FP_CONTRACT OFF

CK_INLINE int16_t scaled(int16_t sample, float gain) {
    float value = (float)sample * gain;
    value = value > 32767.0f ? 32767.0f : value;
    value = value < -32768.0f ? -32768.0f : value;
    return (int16_t)rintf(value);
}

CK_INLINE void ck_gain_linear_body(int16_t *samples, size_t count, float gain, float step) {
    for (size_t index = 0; index < count; index += 1) {
        samples[index] = scaled(samples[index], gain + step * (float)(int32_t)index);
    }
}

CK_INLINE void ck_gain_smooth_body(int16_t *samples, size_t count, float start, float step) {
    for (size_t index = 0; index < count; index += 1) {
        float t = start + step * (float)(int32_t)index;
        t = t < 0.0f ? 0.0f : t;
        t = t > 1.0f ? 1.0f : t;
        samples[index] = scaled(samples[index], t * t * (3.0f - 2.0f * t));
    }
}

CK_DISPATCH(
    ck_gain_linear, (int16_t * samples, size_t count, float gain, float step),
    (samples, count, gain, step))
CK_DISPATCH(
    ck_gain_smooth, (int16_t * samples, size_t count, float start, float step),
    (samples, count, start, step))
