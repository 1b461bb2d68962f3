// Sidetone
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <opus.h>

// opus_encoder_ctl() and opus_decoder_ctl() are variadic and therefore out of Swift's reach.

static inline int sidetone_opus_encoder_set_bitrate(OpusEncoder *encoder, opus_int32 bits) {
    return opus_encoder_ctl(encoder, OPUS_SET_BITRATE(bits));
}

static inline int sidetone_opus_encoder_set_complexity(OpusEncoder *encoder, opus_int32 level) {
    return opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(level));
}

static inline int sidetone_opus_encoder_set_speech(OpusEncoder *encoder) {
    return opus_encoder_ctl(encoder, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
}

static inline int sidetone_opus_encoder_lookahead(OpusEncoder *encoder, opus_int32 *samples) {
    return opus_encoder_ctl(encoder, OPUS_GET_LOOKAHEAD(samples));
}

static inline int sidetone_opus_encoder_reset(OpusEncoder *encoder) {
    return opus_encoder_ctl(encoder, OPUS_RESET_STATE);
}

static inline int sidetone_opus_decoder_reset(OpusDecoder *decoder) {
    return opus_decoder_ctl(decoder, OPUS_RESET_STATE);
}
