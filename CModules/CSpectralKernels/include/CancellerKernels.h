// Sidetone
// SPDX-License-Identifier: Apache-2.0

// The echo canceller's memory, and the steps that work on it where it lies: its spectra are read
// once for each block and copied nowhere.

#pragma once

#include "EchoKernels.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    SK_CANCELLER_PARTITIONS = 12,
    /// Blocks of the far end kept: the longest lag, the filter's length and one block before it.
    SK_CANCELLER_FAR_BLOCKS = 96,
    SK_SPECTRUM = 2 * SK_BINS,
};

typedef struct sk_canceller {
    float background[SK_CANCELLER_PARTITIONS * SK_SPECTRUM];
    float foreground[SK_CANCELLER_PARTITIONS * SK_SPECTRUM];
    /// Spectra of two blocks of the far end each; the newest is somewhere, older ones follow.
    float inputs[SK_CANCELLER_PARTITIONS * SK_SPECTRUM];
    /// Powers of the input, the error and the estimate, followed bin by bin.
    float far_power[SK_BINS];
    float error_power[SK_BINS];
    float echo_power[SK_BINS];
    /// The newest block of the inputs and of what was left, each behind 64 zeros.
    float last_input[SK_SPECTRUM];
    float last_residual[SK_SPECTRUM];
    int16_t far[SK_CANCELLER_FAR_BLOCKS * SK_BLOCK];
} sk_canceller;

void sk_canceller_clear(sk_canceller *memory);
void sk_canceller_clear_filters(sk_canceller *memory);

enum {
    SK_CANCELLER_BACKGROUND,
    SK_CANCELLER_INPUTS,
    SK_CANCELLER_FOREGROUND,
};

/// Asks for a third of the memory to be brought near, while other work is done.
void sk_canceller_fetch(const sk_canceller *memory, int part);

/// Takes 64 samples of the far end, or none: silence.
void sk_canceller_take(sk_canceller *memory, size_t slot, const int16_t *block);

/// Transforms the block of the far end at `slot`; where `newest` is a place, that block and the one
/// transformed before become the inputs there.
void sk_canceller_input(sk_canceller *memory, size_t slot, ptrdiff_t newest);

/// Sums of squares of a block.
typedef struct sk_canceller_energies {
    float background;
    float foreground;
    float near;
} sk_canceller_energies;

/// Writes the background filter's estimate and what both filters leave of `near`.
void sk_canceller_estimate(
    const sk_canceller *memory, size_t newest, const float *near, float *estimate,
    float *background, float *foreground, sk_canceller_energies *energies);

/// Gives the coefficients of one filter to the other.
void sk_canceller_promote(sk_canceller *memory);
void sk_canceller_demote(sk_canceller *memory);

/// Follows the powers of the newest input, of the error and of the estimate.
void sk_canceller_follow(
    sk_canceller *memory, size_t newest, const float *error, const float *estimate,
    float far_share, float share, float *error_spectrum, float *far_total,
    sk_leakage_result *result);

/// Moves the background filter along the gradient and cuts one partition back to 64 taps.
void sk_canceller_adapt(
    sk_canceller *memory, size_t newest, const float *error_spectrum, float regularisation,
    sk_adaptation_bounds bounds, size_t constrained);

/// Sets the spectrum of the block before, where the canceller did not run on that.
void sk_canceller_resume(sk_canceller *memory, const float *previous);

/// Writes the levels of the bands of `residual` after the block before.
void sk_canceller_levels(sk_canceller *memory, const float *residual, float *levels);

#ifdef __cplusplus
}
#endif
