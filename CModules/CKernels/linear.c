// Sidetone
// SPDX-License-Identifier: Apache-2.0

#include "CKernels.h"
#include "dispatch.h"

// Written byte by byte: right on either order of the host, and the compiler turns it into vector
// copies or byte shuffles.

#define DECODE(stride)                                                                       \
    for (size_t index = 0; index < count; index += 1) {                                      \
        const uint8_t *sample = bytes + index * (stride);                                    \
        samples[index] = (int16_t)(sample[1 - low] << 8 | sample[low]);                      \
    }

CK_INLINE void decode_order(
    const uint8_t *bytes, size_t stride, int16_t *samples, size_t count, int low) {
    if (stride == 2) {
        DECODE(2)
    } else if (stride == 4) {
        DECODE(4)
    } else {
        DECODE(stride)
    }
}

CK_INLINE void ck_linear_decode_body(
    const uint8_t *bytes, size_t stride, int16_t *samples, size_t count, bool big_endian) {
    if (big_endian) {
        decode_order(bytes, stride, samples, count, 1);
    } else {
        decode_order(bytes, stride, samples, count, 0);
    }
}

CK_INLINE void ck_linear_encode_body(
    const int16_t *samples, uint8_t *bytes, size_t count, bool big_endian) {
    if (big_endian) {
        for (size_t index = 0; index < count; index += 1) {
            const uint16_t sample = (uint16_t)samples[index];
            bytes[2 * index] = (uint8_t)(sample >> 8);
            bytes[2 * index + 1] = (uint8_t)sample;
        }
    } else {
        for (size_t index = 0; index < count; index += 1) {
            const uint16_t sample = (uint16_t)samples[index];
            bytes[2 * index] = (uint8_t)sample;
            bytes[2 * index + 1] = (uint8_t)(sample >> 8);
        }
    }
}

CK_DISPATCH(
    ck_linear_decode,
    (const uint8_t *bytes, size_t stride, int16_t *samples, size_t count, bool big_endian),
    (bytes, stride, samples, count, big_endian))
CK_DISPATCH(
    ck_linear_encode, (const int16_t *samples, uint8_t *bytes, size_t count, bool big_endian),
    (samples, bytes, count, big_endian))
