// Sidetone
// SPDX-License-Identifier: Apache-2.0

// The steps of the canceller: which kernel works on which part of its memory. The arithmetic, and
// the choice of a build, is in the kernels that these call.

#include "CSpectralKernels.h"

#include <string.h>

/// Silences bins 0 and 64: telephony has nothing there.
static void clear_ends(float *spectrum) {
    spectrum[0] = 0;
    spectrum[SK_BINS] = 0;
}

void sk_canceller_clear(sk_canceller *memory) { memset(memory, 0, sizeof(*memory)); }

void sk_canceller_clear_filters(sk_canceller *memory) {
    memset(memory->background, 0, sizeof(memory->background));
    memset(memory->foreground, 0, sizeof(memory->foreground));
}

void sk_canceller_fetch(const sk_canceller *memory, int part) {
    const float *from = part == SK_CANCELLER_BACKGROUND ? memory->background
        : part == SK_CANCELLER_INPUTS                   ? memory->inputs
                                                        : memory->foreground;
    sk_fetch(from, sizeof(memory->background));
}

void sk_canceller_take(sk_canceller *memory, size_t slot, const int16_t *block) {
    int16_t *to = memory->far + slot * SK_BLOCK;
    if (block != NULL) {
        memcpy(to, block, SK_BLOCK * sizeof(*to));
    } else {
        memset(to, 0, SK_BLOCK * sizeof(*to));
    }
}

void sk_canceller_input(sk_canceller *memory, size_t slot, ptrdiff_t newest) {
    float block[SK_BLOCK], spectrum[SK_SPECTRUM];
    sk_block(memory->far + slot * SK_BLOCK, block);
    sk_fft_forward(block, spectrum);
    if (newest >= 0) {
        float *input = memory->inputs + newest * SK_SPECTRUM;
        sk_join(spectrum, memory->last_input, input);
        clear_ends(input);
    }
    memcpy(memory->last_input, spectrum, sizeof(spectrum));
}

void sk_canceller_estimate(
    const sk_canceller *memory, size_t newest, const float *near, float *estimate,
    float *background, float *foreground, sk_canceller_energies *energies) {
    float spectrum[SK_SPECTRUM], other[SK_SPECTRUM], samples[2 * SK_BLOCK];
    sk_filters_apply(
        memory->background, memory->foreground, memory->inputs, newest, SK_CANCELLER_PARTITIONS,
        spectrum, other);
    sk_fft_inverse(spectrum, samples);
    memcpy(estimate, samples + SK_BLOCK, SK_BLOCK * sizeof(*estimate));
    sk_subtract(near, estimate, SK_BLOCK, background, &energies->background);
    sk_fft_inverse(other, samples);
    sk_subtract(near, samples + SK_BLOCK, SK_BLOCK, foreground, &energies->foreground);
    sk_energy(near, SK_BLOCK, &energies->near);
}

void sk_canceller_promote(sk_canceller *memory) {
    memcpy(memory->foreground, memory->background, sizeof(memory->foreground));
}

void sk_canceller_demote(sk_canceller *memory) {
    memcpy(memory->background, memory->foreground, sizeof(memory->background));
}

void sk_canceller_follow(
    sk_canceller *memory, size_t newest, const float *error, const float *estimate,
    float far_share, float share, float *error_spectrum, float *far_total,
    sk_leakage_result *result) {
    float echo_spectrum[SK_SPECTRUM];
    sk_fft_forward(error, error_spectrum);
    sk_fft_forward(estimate, echo_spectrum);
    clear_ends(error_spectrum);
    clear_ends(echo_spectrum);
    sk_power_follow(
        memory->inputs + newest * SK_SPECTRUM, far_share, memory->far_power, far_total);
    sk_leakage_follow(
        error_spectrum, echo_spectrum, share, memory->error_power, memory->echo_power, result);
}

void sk_canceller_adapt(
    sk_canceller *memory, size_t newest, const float *error_spectrum, float regularisation,
    sk_adaptation_bounds bounds, size_t constrained) {
    float rates[SK_BINS];
    sk_adaptation_rates(
        memory->error_power, memory->echo_power, memory->far_power, regularisation, bounds, rates);
    sk_filter_adapt(
        memory->background, memory->inputs, newest, SK_CANCELLER_PARTITIONS, error_spectrum, rates);

    static const float nothing[SK_SPECTRUM];
    float *partition = memory->background + constrained * SK_SPECTRUM;
    float taps[2 * SK_BLOCK], late[SK_SPECTRUM];
    sk_fft_inverse(partition, taps);
    sk_fft_forward(taps, late);
    // That was of 64 zeros and then the taps; a join with nothing moves them to the front.
    sk_join(nothing, late, partition);
    clear_ends(partition);
}

void sk_canceller_resume(sk_canceller *memory, const float *previous) {
    memcpy(memory->last_residual, previous, sizeof(memory->last_residual));
}

void sk_canceller_levels(sk_canceller *memory, const float *residual, float *levels) {
    float spectrum[SK_SPECTRUM], power[SK_BAND_LANES];
    sk_fft_forward(residual, spectrum);
    sk_band_power(spectrum, memory->last_residual, power);
    sk_decibels(power, levels, SK_BAND_LANES);
    memcpy(memory->last_residual, spectrum, sizeof(spectrum));
}
