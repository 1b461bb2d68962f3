// Sidetone
// SPDX-License-Identifier: Apache-2.0

#ifndef SIDETONE_CWEBRTCSHIM_H
#define SIDETONE_CWEBRTCSHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The WebRTC voice activity detector of libwebrtc-audio-processing 0.3: six sub-band energies
// under two-Gaussian mixtures. An instance is used by one thread at a time and takes no lock.
typedef struct webrtc_vad webrtc_vad;

// A detector in `aggressiveness` 0 (most sensitive) to 3, or NULL when memory is short or the
// value is outside that range.
webrtc_vad *webrtc_vad_create(int aggressiveness);

void webrtc_vad_destroy(webrtc_vad *detector);

// Whether `rate_hz` with `count` samples a block is something webrtc_vad_process takes:
// 8, 16, 32 or 48 kHz and 10, 20 or 30 ms.
bool webrtc_vad_accepts(int rate_hz, size_t count);

// 1 when the block holds speech, 0 when not, -1 when rate and count do not fit together.
// Allocates nothing.
int webrtc_vad_process(
    webrtc_vad *detector, int rate_hz, const int16_t *samples, size_t count);

#ifdef __cplusplus
}
#endif

#endif
