// Sidetone
// SPDX-License-Identifier: Apache-2.0

// Spectral kernels of SpeechDetection: no allocation, no state beyond the arguments.
//
// Every result is the same to the last bit on any machine: sums have a fixed order (eight lanes,
// whatever the width of the machine's vectors), multiply and add are never fused, and no function
// of a mathematical library is called. Buffers may have any alignment and must not overlap.

#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /// Samples of a block: half a transform.
    SK_BLOCK = 64,
    /// Bins of a spectrum: 0...63 of a 128-point transform. A spectrum is an array of the real parts
    /// and then the imaginary ones. Bins 0 and 64 are real: bin 0's imaginary place holds bin 64.
    SK_BINS = 64,
    /// Bands between bins 3 and 57 (188...3560 Hz at 8 kHz).
    SK_BANDS = 21,
    /// Bands rounded up to whole vectors. What lies above SK_BANDS is zero power.
    SK_BAND_LANES = 24,
};

/// Converts 64 samples.
void sk_block(const int16_t *samples, float *block);

/// Transforms 64 zeros followed by `samples[64]`.
void sk_fft_forward(const float *samples, float *spectrum);

/// The inverse: writes the 128 real samples whose transform is `spectrum`.
void sk_fft_inverse(const float *spectrum, float *samples);

/// Writes the spectrum of two blocks in a row from the spectra of each behind 64 zeros.
void sk_join(const float *spectrum, const float *previous, float *full);

/// Writes the mean power of each band, of two blocks in a row under a Hann window, from the spectra
/// of each behind 64 zeros. White noise of mean square s gives 2 s in each band.
void sk_band_power(const float *spectrum, const float *previous, float *power);

/// Writes 10 log10(power + 0.001) for `count` powers, a multiple of 8. Error under 0.0002 dB.
void sk_decibels(const float *power, float *level, size_t count);

/// Takes the next 64 samples of a signal: `spectrum` becomes `previous`, and the new one's bands
/// after it have `power` and `level`.
void sk_analyze(
    const float *samples, float *spectrum, float *previous, float *power, float *level);

/// Where a noise floor goes.
typedef struct sk_floor_rule {
    /// What a block adds to the smoothed level.
    float smoothing;
    /// Minima lie below means by this.
    float raise;
    /// Parts of the distance that a block goes down and up.
    float fall;
    float rise;
    /// The floor of silence.
    float lowest;
} sk_floor_rule;

/// Follows `level[24]` with `floor[24]`, in dB. `track` is [3][24]: smoothed levels, their minimum in
/// the window that has begun, and in the ones before.
void sk_floor_follow(
    const sk_floor_rule *rule, const float *level, float *track, float *floor);

/// What all bands of a block have in common.
typedef struct sk_band_summary {
    /// Mean level.
    float mean;
    /// Mean magnitude of the difference from the block before.
    float change;
    /// Bands more than 3 dB above the floor.
    float above_floor;
} sk_band_summary;

/// Writes to `values[45]` for each band how far it is above the floor (-5...35 dB) and then how far
/// above the mean of all bands (-25...25 dB), both in units of 10 dB; `values[42...44]` are spoilt.
/// Levels under 0 dB count as 0. `before[24]` holds the levels of the block before, and then these.
void sk_band_features(
    const float *level, const float *floor, float *before, float *values,
    sk_band_summary *summary);

/// A network of one hidden layer: tanh units, one output.
typedef struct sk_net {
    /// [inputs][hidden]
    const float *weights;
    /// [hidden]
    const float *bias;
    /// [hidden]
    const float *output;
    float output_bias;
    /// Even.
    uint32_t inputs;
    /// A multiple of 8, up to 64.
    uint32_t hidden;
} sk_net;

/// Writes the network's output for `inputs`. tanh is a rational function within 0.0014 of it.
void sk_net_run(const sk_net *net, const float *inputs, float *output);

enum {
    /// Samples that tones are sought in.
    SK_TONE_WINDOW = 128,
    /// Two rows, cosine and sine, for each of the eight tones of a keypad.
    SK_TONE_ROWS = 16,
};

/// Writes the sum of products of `samples` with each of `rows`. Sums of integers: exact as long as
/// none leaves 32 bits, which is for the one who makes the rows to see to.
void sk_tones(
    const int16_t samples[SK_TONE_WINDOW], const int16_t rows[SK_TONE_ROWS * SK_TONE_WINDOW],
    int32_t sums[SK_TONE_ROWS]);

enum {
    /// Lags 0...31 are summed.
    SK_PITCH_LAGS = 32,
    /// New samples of a step: a block at a quarter of its rate.
    SK_PITCH_STEP = 16,
    /// The shortest lag that can be a period; the longest is 30.
    SK_PITCH_SHORTEST = 5,
};

/// What `sk_pitch_decimate` keeps of a signal: its last values.
typedef struct sk_pitch_filter {
    float quarter;
    float mean;
    float output;
} sk_pitch_filter;

/// Writes 16 samples at a quarter of the rate of the 64 of `block`: sums of eight, less what stands
/// still, by a high-pass filter with this pole.
void sk_pitch_decimate(
    const float *block, float pole, sk_pitch_filter *filter, float *samples);

/// Sums of a signal's products with its own past, from the longest lag (31) to the shortest (0).
typedef struct sk_pitch_sums {
    float products[SK_PITCH_LAGS];
    float energies[SK_PITCH_LAGS];
} sk_pitch_sums;

typedef struct sk_pitch {
    /// The normalised correlation at its highest peak, 0...1.
    float strength;
    /// The period in samples, with a fraction; 0 where there is no peak.
    float lag;
} sk_pitch;

/// Multiplies the sums by `kept`, adds the products of the last 16 of `samples[48]`, and finds the
/// peak of the correlation between lags 5 and 30.
void sk_pitch_observe(
    const float *samples, float kept, sk_pitch_sums *sums, sk_pitch *pitch);

enum {
    SK_GRU_UNITS = 24,
    SK_GRU_MAXIMUM_INPUTS = 64,
    /// Inputs are rounded to multiples of 1 / 1024, and kept within 31 of zero.
    SK_GRU_INPUT_SCALE = 1024,
    SK_GRU_STATE_SCALE = 4096,
    /// What products of weights and values are multiplied by: so weights of inputs are in units of
    /// 1 / 4096, those of the state in units of 1 / 1024.
    SK_GRU_SUM_SCALE = 1 << 22,
};

/// A gated recurrent unit of 24 with one output.
///
/// Sums stay within 32 bits if, without scales, no unit's inputs times their weights add up to 512.
typedef struct sk_gru {
    /// [inputs / 2][3][24][2]: pairs of inputs; reset gate, update gate, candidate.
    const int16_t *input_weights;
    /// [12][3][24][2]
    const int16_t *state_weights;
    /// [4][24]: reset gate, update gate, candidate, and the state's part of the candidate.
    const float *bias;
    /// [24]
    const float *output;
    float output_bias;
    /// A multiple of 8 up to 64.
    uint32_t inputs;
} sk_gru;

/// Moves `state[24]` by one step and writes the unit's output. tanh is a rational function within
/// 0.0014 of it.
void sk_gru_step(const sk_gru *unit, const float *inputs, float *state, float *output);

#ifdef __cplusplus
}
#endif

#include "EchoKernels.h"

#include "CancellerKernels.h"
#include "SampleKernels.h"
