// Sidetone
// SPDX-License-Identifier: Apache-2.0

// Arithmetic kernels of AudioCore: no allocation, no state beyond the arguments, no table lookup.
//
// Integer results are the same on every vector width. Buffers may have any alignment and must not
// overlap unless a function says so.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Encodings. Decoders read `count` samples that start `stride` bytes apart, which takes one channel
// out of interleaved ones.

// G.711, bit-exact with ITU-T G.191.

void ck_mulaw_decode(const uint8_t *bytes, size_t stride, int16_t *samples, size_t count);
void ck_mulaw_encode(const int16_t *samples, uint8_t *bytes, size_t count);
void ck_alaw_decode(const uint8_t *bytes, size_t stride, int16_t *samples, size_t count);
void ck_alaw_encode(const int16_t *samples, uint8_t *bytes, size_t count);

// 16-bit samples.

void ck_linear_decode(
    const uint8_t *bytes, size_t stride, int16_t *samples, size_t count, bool big_endian);
void ck_linear_encode(const int16_t *samples, uint8_t *bytes, size_t count, bool big_endian);

// Gains.

/// Multiplies `count` samples in place by a gain that starts at `gain` and grows by `step` with
/// each sample, rounding to nearest (ties to even) and saturating.
void ck_gain_linear(int16_t *samples, size_t count, float gain, float step);

/// Multiplies `count` samples in place by 3t^2 - 2t^3, where t starts at `start` and grows by
/// `step` with each sample; t is clamped to 0...1.
void ck_gain_smooth(int16_t *samples, size_t count, float start, float step);

// Resampling.

/// A fixed polyphase filter of ratio `up` / `down`.
///
/// Output residue r takes, from each of the `down` interleaved input streams, `taps` samples.
/// A tap is the sum of a fine coefficient of scale 2^(14 + fine_shift), which every tap has, and a
/// coarse one of scale 2^14, which only the taps around the centre have. Sums stay within 32 bits
/// if magnitudes add up to less than 2^16 over the fine coefficients of each half of each stream,
/// and over all taps of a residue at the coarse scale.
typedef struct ck_polyphase {
    /// [up][down][taps]
    const int16_t *fine;
    /// [up][down][coarse_taps]
    const int16_t *coarse;
    /// 1, 2, 3 or 6.
    uint32_t up;
    /// 1, 2, 3 or 6.
    uint32_t down;
    /// A multiple of 4, at most CK_POLYPHASE_MAXIMUM_TAPS.
    uint32_t taps;
    /// Even; first tap that has a coarse coefficient.
    uint32_t coarse_first;
    /// Even.
    uint32_t coarse_taps;
    uint32_t fine_shift;
} ck_polyphase;

enum { CK_POLYPHASE_MAXIMUM_TAPS = 64, CK_POLYPHASE_MAXIMUM_RATIO = 6 };

/// Filters `in_count` samples and returns how many it wrote to `out`:
/// (pending + in_count) * up / down - pending * up / down, each division rounded down.
///
/// `history` holds (taps - 1) * down + pending samples on entry, and as many with the new pending,
/// (pending + in_count) % down, on return: it needs room for taps * down - 1.
size_t ck_polyphase_run(
    const ck_polyphase *filter, int16_t *history, size_t pending, const int16_t *in,
    size_t in_count, int16_t *out);

#ifdef __cplusplus
}
#endif
