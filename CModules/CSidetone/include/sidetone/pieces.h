/* Sidetone
 * SPDX-License-Identifier: Apache-2.0
 *
 * The single pieces of the engine, for hosts that have a media path of their own. Include
 * sidetone.h, not this file.
 */
#ifndef SIDETONE_PIECES_H
#define SIDETONE_PIECES_H

#include "event.h"

/* Where a turn changed in 8 ms of audio. */
enum {
    SIDETONE_SPEECH_UNCHANGED = 0,
    SIDETONE_SPEECH_STARTED = 1,
    SIDETONE_SPEECH_PAUSED = 2,
    SIDETONE_SPEECH_RESUMED = 3,
    SIDETONE_SPEECH_ENDED = 4
};

/* Zero is the default of every field. */
typedef struct sidetone_detector_config {
    size_t struct_size;
    /* 8000 or a multiple of it up to 48,000; 8000. Of both sides. */
    int32_t rate_hz;
    /* As in sidetone_call_config. */
    int32_t endpoints;
    int32_t eager_ms;
    int32_t earliest_ms;
    int32_t confirmed_ms;
    float barge_in_evidence;
} sidetone_detector_config;

/* What a detector made of 8 ms. Positions count samples since the detector was opened. */
typedef struct sidetone_decision {
    size_t struct_size;
    int64_t start;
    int64_t end;
    /* How likely the caller speaks in it, 0 to 1, and whether it counts as voice. */
    float probability;
    int32_t is_voiced;
    /* SIDETONE_SPEECH_*, and the position it tells: the onset, the one after the last voiced
     * sample, where it was resumed. */
    int32_t change;
    /* A key that was pressed in it, or zero. */
    int32_t digit;
    int64_t change_position;
    /* SIDETONE_FAULT_*, or zero. */
    int32_t fault;
    /* 1 when `evidence` fired or faded in it. */
    int32_t has_evidence;
    sidetone_evidence evidence;
} sidetone_decision;

typedef struct sidetone_ring_statistics {
    size_t struct_size;
    uint64_t written;
    uint64_t read;
    /* The most that were waiting. */
    uint64_t high_water;
    uint64_t waiting;
} sidetone_ring_statistics;

#ifdef __cplusplus
extern "C" {
#endif

/* ---- G.711 and L16. Any thread; nanoseconds for 20 ms. ---- */

/* Decodes `count` samples of `encoding` (SIDETONE_PCMU ...). Bit exact to ITU-T G.191. */
sidetone_status sidetone_decode(
    int32_t encoding, const void *bytes, size_t count, int16_t *samples);

/* Encodes `count` samples: a byte each to PCMU and PCMA, two to L16. */
sidetone_status sidetone_encode(
    int32_t encoding, const int16_t *samples, size_t count, void *bytes);

/* ---- Resampler of one mono stream ---- */

/* Opens a resampler between two rates of 4000 to 192,000 Hz. Any thread. Allocates. */
sidetone_status sidetone_resampler_open(
    int32_t from_hz, int32_t to_hz, sidetone_resampler *resampler);
sidetone_status sidetone_resampler_close(sidetone_resampler resampler);

/* Samples by which the output comes later than the input, at the output's rate. */
sidetone_status sidetone_resampler_delay(sidetone_resampler resampler, size_t *count);

/* Resamples all of `input`. SIDETONE_BUFFER_TOO_SMALL, with the samples that are needed in
 * `written`, when `capacity` is too small; nothing is consumed then. How a stream is cut into
 * calls makes no difference. `input` and `output` must not overlap. */
sidetone_status sidetone_resampler_process(
    sidetone_resampler resampler, const int16_t *input, size_t count, int16_t *output,
    size_t capacity, size_t *written);

/* Forgets the stream: the next sample is the first of another. */
sidetone_status sidetone_resampler_reset(sidetone_resampler resampler);

/* ---- Ring: samples from one thread to another, wait-free ---- */

/* Opens a ring of up to 2^28 samples; its memory is given back when both ends are closed. Any
 * thread. Allocates. */
sidetone_status sidetone_ring_open(
    size_t capacity, sidetone_ring_writer *writer, sidetone_ring_reader *reader);
sidetone_status sidetone_ring_writer_close(sidetone_ring_writer writer);
sidetone_status sidetone_ring_reader_close(sidetone_ring_reader reader);

/* Puts samples in. SIDETONE_FULL, with what there was room for in `taken`, when that is not all. */
sidetone_status sidetone_ring_write(
    sidetone_ring_writer writer, const int16_t *samples, size_t count, size_t *taken);

/* Takes samples out, up to `capacity`. SIDETONE_NONE when none wait. */
sidetone_status sidetone_ring_read(
    sidetone_ring_reader reader, int16_t *samples, size_t capacity, size_t *count);

/* Drops up to `count` of the oldest samples. */
sidetone_status sidetone_ring_discard(
    sidetone_ring_reader reader, size_t count, size_t *discarded);

/* What the ring has seen; counts of the other side may lag by its last call. */
sidetone_status sidetone_ring_reader_statistics(
    sidetone_ring_reader reader, sidetone_ring_statistics *statistics);

/* ---- Detectors: speech, turns, keys, faults, and interruptions ---- */

/* Opens a detector of speech. A null config is all defaults. Any thread. Allocates. */
sidetone_status sidetone_detector_open(
    const sidetone_detector_config *config, sidetone_detector *detector);

/* Opens a detector of speech and interruptions, which knows the bot's echo when it returns. Any
 * thread. Allocates. */
sidetone_status sidetone_barge_in_detector_open(
    const sidetone_detector_config *config, sidetone_detector *detector);
sidetone_status sidetone_detector_close(sidetone_detector detector);

/* What the bot expects to hear next: SIDETONE_EXPECT_*. */
sidetone_status sidetone_detector_expect(sidetone_detector detector, int32_t expected);

/* Takes samples of the caller until 8 ms are complete or there are no more. SIDETONE_OK:
 * `decision` is written, go on with the rest; SIDETONE_NONE: all were consumed. */
sidetone_status sidetone_detector_process(
    sidetone_detector detector, const int16_t *samples, size_t count, size_t *consumed,
    sidetone_decision *decision);

/* The same with what the caller heard of the bot meanwhile, sample for sample at the same rate;
 * null when nothing was. `may_interrupt`: whether that may be interrupted. A detector opened
 * without barge-in refuses a far end with SIDETONE_INVALID_ARGUMENT. */
sidetone_status sidetone_barge_in_detector_process(
    sidetone_detector detector, const int16_t *near_samples, const int16_t *far_samples,
    size_t count, int32_t may_interrupt, size_t *consumed, sidetone_decision *decision);

#ifdef __cplusplus
}
#endif

#endif
