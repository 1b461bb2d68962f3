// Sidetone
// SPDX-License-Identifier: Apache-2.0

// A G.711 code is a small floating-point number: three bits of exponent, four of mantissa. The
// kernels therefore let the processor's own conversions between integer and float find the segment:
// all values involved are exact in a float.

#include "CKernels.h"
#include "dispatch.h"

#include <string.h>

typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef int8_t i8x16 __attribute__((vector_size(16)));
typedef int16_t i16x16 __attribute__((vector_size(32)));
typedef int32_t i32x16 __attribute__((vector_size(64)));
typedef float f32x16 __attribute__((vector_size(64)));

enum {
    LANES = 16,
    GATHERED = 256,
    MANTISSA_BITS = 23,
    // Leaves the exponent and the upper four bits of the mantissa.
    CODE_SHIFT = MANTISSA_BITS - 4,
    FLOAT_BIAS = 127,
    // 33 steps of the 14-bit scale: the distance between mu-law's segments and powers of two.
    MULAW_BIAS = 33,
    MULAW_CLIP = 8191,
};

// 2^(7 + exponent) * (1 + (2 * mantissa + 1) / 32): the middle of the code's interval.
#define CODE_TO_MAGNITUDE(code)                                                            \
    __builtin_convertvector(                                                               \
        (f32x16)((__builtin_convertvector(code, i32x16) << CODE_SHIFT)                     \
                 + (((FLOAT_BIAS + 7) << MANTISSA_BITS) + (1 << (CODE_SHIFT - 1)))),       \
        i32x16)

// Exponent and upper mantissa bits of a magnitude, counted from the power of two `base`.
#define MAGNITUDE_TO_CODE(magnitude, base)                                                 \
    __builtin_convertvector(                                                               \
        ((i32x16)__builtin_convertvector(                                                  \
             __builtin_convertvector(magnitude, i32x16), f32x16)                           \
         >> CODE_SHIFT)                                                                    \
            - ((FLOAT_BIAS + (base)) << 4),                                                \
        i16x16)

CK_INLINE void mulaw_decode_lanes(const uint8_t *bytes, int16_t *samples) {
    u8x16 input;
    memcpy(&input, bytes, sizeof(input));
    u8x16 flipped = ~input;
    i16x16 negative = __builtin_convertvector((i8x16)flipped, i16x16) >> 15;
    i32x16 biased = CODE_TO_MAGNITUDE(flipped & 0x7F);
    i16x16 magnitude = __builtin_convertvector(biased, i16x16) - 4 * MULAW_BIAS;
    i16x16 output = (magnitude ^ negative) - negative;
    memcpy(samples, &output, sizeof(output));
}

CK_INLINE void mulaw_encode_lanes(const int16_t *samples, uint8_t *bytes) {
    i16x16 input;
    memcpy(&input, samples, sizeof(input));
    i16x16 negative = input >> 15;
    i16x16 magnitude = ((input ^ negative) >> 2) + MULAW_BIAS;
    i16x16 clip = (i16x16){} + MULAW_CLIP;
    magnitude = __builtin_elementwise_min(magnitude, clip);
    i16x16 code = MAGNITUDE_TO_CODE(magnitude, 5);
    u8x16 output = __builtin_convertvector(code ^ (negative & 0x80) ^ 0xFF, u8x16);
    memcpy(bytes, &output, sizeof(output));
}

CK_INLINE void alaw_decode_lanes(const uint8_t *bytes, int16_t *samples) {
    u8x16 input;
    memcpy(&input, bytes, sizeof(input));
    i16x16 negative = ~__builtin_convertvector((i8x16)input, i16x16) >> 15;
    u8x16 code = (input ^ 0x55) & 0x7F;
    i32x16 curved = CODE_TO_MAGNITUDE(code);
    i16x16 wide = __builtin_convertvector(code, i16x16);
    // The lowest segment has no leading one: it continues the second in a straight line.
    i16x16 straight = wide < 16;
    i16x16 magnitude = __builtin_convertvector(curved, i16x16);
    magnitude = (straight & ((wide << 4) + 8)) | (~straight & magnitude);
    i16x16 output = (magnitude ^ negative) - negative;
    memcpy(samples, &output, sizeof(output));
}

CK_INLINE void alaw_encode_lanes(const int16_t *samples, uint8_t *bytes) {
    i16x16 input;
    memcpy(&input, samples, sizeof(input));
    i16x16 negative = input >> 15;
    i16x16 magnitude = (input ^ negative) >> 4;
    i16x16 curved = MAGNITUDE_TO_CODE(magnitude, 3);
    // Below 32 the code is the magnitude itself and `curved` is never above it; from 32 on `curved`
    // is at least 32.
    i16x16 limit = (i16x16){} + 31;
    i16x16 straight = __builtin_elementwise_min(magnitude, limit);
    i16x16 code = __builtin_elementwise_max(curved, straight);
    u8x16 output = __builtin_convertvector(code ^ (negative & 0x80) ^ 0xD5, u8x16);
    memcpy(bytes, &output, sizeof(output));
}

// Runs `lanes` over whole vectors, then once over a padded copy of what is left.
#define OVER_VECTORS(lanes, in, out, count, In, Out)                   \
    do {                                                               \
        size_t index = 0;                                              \
        for (; index + LANES <= (count); index += LANES) {             \
            lanes((in) + index, (out) + index);                        \
        }                                                              \
        size_t rest = (count) - index;                                 \
        if (rest > 0) {                                                \
            In padded_in[LANES] = {0};                                 \
            Out padded_out[LANES];                                     \
            memcpy(padded_in, (in) + index, rest * sizeof(In));        \
            lanes(padded_in, padded_out);                              \
            memcpy((out) + index, padded_out, rest * sizeof(Out));     \
        }                                                              \
    } while (0)

// Bytes of one channel are brought together a block at a time.
#define DECODE(lanes)                                                                      \
    if (stride == 1) {                                                                     \
        OVER_VECTORS(lanes, bytes, samples, count, uint8_t, int16_t);                      \
        return;                                                                            \
    }                                                                                      \
    uint8_t gathered[GATHERED];                                                            \
    while (count > 0) {                                                                    \
        const size_t block = count < GATHERED ? count : GATHERED;                          \
        for (size_t index = 0; index < block; index += 1) {                                \
            gathered[index] = bytes[index * stride];                                       \
        }                                                                                  \
        OVER_VECTORS(lanes, gathered, samples, block, uint8_t, int16_t);                   \
        bytes += block * stride;                                                           \
        samples += block;                                                                  \
        count -= block;                                                                    \
    }

CK_INLINE void ck_mulaw_decode_body(
    const uint8_t *bytes, size_t stride, int16_t *samples, size_t count) {
    DECODE(mulaw_decode_lanes)
}

CK_INLINE void ck_mulaw_encode_body(const int16_t *samples, uint8_t *bytes, size_t count) {
    OVER_VECTORS(mulaw_encode_lanes, samples, bytes, count, int16_t, uint8_t);
}

CK_INLINE void ck_alaw_decode_body(
    const uint8_t *bytes, size_t stride, int16_t *samples, size_t count) {
    DECODE(alaw_decode_lanes)
}

CK_INLINE void ck_alaw_encode_body(const int16_t *samples, uint8_t *bytes, size_t count) {
    OVER_VECTORS(alaw_encode_lanes, samples, bytes, count, int16_t, uint8_t);
}

CK_DISPATCH(
    ck_mulaw_decode,
    (const uint8_t *bytes, size_t stride, int16_t *samples, size_t count),
    (bytes, stride, samples, count))
CK_DISPATCH(
    ck_mulaw_encode, (const int16_t *samples, uint8_t *bytes, size_t count),
    (samples, bytes, count))
CK_DISPATCH(
    ck_alaw_decode,
    (const uint8_t *bytes, size_t stride, int16_t *samples, size_t count),
    (bytes, stride, samples, count))
CK_DISPATCH(
    ck_alaw_encode, (const int16_t *samples, uint8_t *bytes, size_t count),
    (samples, bytes, count))
