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

// The WebRTC project's echo canceller at 8 kHz: linear filter of 128 ms, its own search for the
// echo's delay up to 1 s, and suppression of what is left. An instance is used by one thread at a
// time; it takes a lock of its own in every call.
typedef struct webrtc_canceller webrtc_canceller;

// Samples of a frame: 10 ms.
enum { webrtc_canceller_frame_count = 80 };

// A canceller, or NULL when memory is short. Nothing is allocated after this.
webrtc_canceller *webrtc_canceller_create(void);

void webrtc_canceller_destroy(webrtc_canceller *canceller);

// Takes the echo of `far` out of `near`, in place; both hold webrtc_canceller_frame_count samples.
// An echo up to 250 ms later than `far` is found within a second, one up to 600 ms within 20 s.
// False when the library refused, which leaves `near` as it was.
bool webrtc_canceller_process(
    webrtc_canceller *canceller, const int16_t *far, int16_t *near);

#ifdef __cplusplus
}
#endif

#endif
