/* Sidetone
 * SPDX-License-Identifier: Apache-2.0
 *
 * What all parts of sidetone.h share. Include that file, not this one.
 */
#ifndef SIDETONE_BASICS_H
#define SIDETONE_BASICS_H

#include <stddef.h>
#include <stdint.h>

/* Version of this header; sidetone_version() is that of the library. With the same first number
 * (the second one too while the first is zero) a program runs with any library that is not
 * older. */
#define SIDETONE_VERSION_MAJOR 0
#define SIDETONE_VERSION_MINOR 1
#define SIDETONE_VERSION_PATCH 0
#define SIDETONE_VERSION \
    ((SIDETONE_VERSION_MAJOR << 16) | (SIDETONE_VERSION_MINOR << 8) | SIDETONE_VERSION_PATCH)

/* What a function has to say. Negative is a failure. */
typedef int32_t sidetone_status;
enum {
    SIDETONE_OK = 0,
    /* There is nothing to fetch; nothing was written. */
    SIDETONE_NONE = 1,
    /* Less than was offered was taken: there is no more room. Offer the rest later. */
    SIDETONE_FULL = 2,

    /* The handle was never given out, or is one of another kind. */
    SIDETONE_INVALID_HANDLE = -1,
    /* What the handle stood for is closed. */
    SIDETONE_CLOSED = -2,
    /* Another thread is inside the same engine or object: a breach of the thread rules. */
    SIDETONE_BUSY = -3,
    /* A pointer that must point to something is null. */
    SIDETONE_NULL_POINTER = -4,
    /* struct_size is none that this library knows, or what lies beyond it is set. */
    SIDETONE_INVALID_SIZE = -5,
    /* A value lies outside of what its description allows. */
    SIDETONE_INVALID_ARGUMENT = -6,
    /* The buffer is smaller than its description asks for. */
    SIDETONE_BUFFER_TOO_SMALL = -7,
    /* As many are open as may be. */
    SIDETONE_LIMIT_REACHED = -8,
    /* No such response: it was cleared, has ended or never began. */
    SIDETONE_NO_RESPONSE = -9,
    /* The call was opened without audio to the platform. */
    SIDETONE_NO_PLAYOUT = -10
};

/* An engine with its calls, a call, a piece. Zero is none. */
typedef uint64_t sidetone_engine;
typedef uint64_t sidetone_call;
typedef uint64_t sidetone_resampler;
typedef uint64_t sidetone_ring_writer;
typedef uint64_t sidetone_ring_reader;
typedef uint64_t sidetone_detector;

/* How a sample is written as bytes. */
enum {
    /* G.711 mu-law and A-law, a byte each. */
    SIDETONE_PCMU = 0,
    SIDETONE_PCMA = 1,
    /* 16 bits, least or most significant byte first. */
    SIDETONE_L16_LITTLE_ENDIAN = 2,
    SIDETONE_L16_BIG_ENDIAN = 3
};

/* How audio bytes are to be read. */
typedef struct sidetone_format {
    int32_t encoding;
    /* Samples per second; zero is 8000. */
    int32_t rate_hz;
    /* Interleaved channels; zero is one. */
    int32_t channels;
    int32_t reserved;
} sidetone_format;

/* How much silence ends a turn of the caller. */
enum {
    /* Short answers expected: 320 ms. */
    SIDETONE_ENDPOINTS_RESPONSIVE = 0,
    /* Free speech: 600 ms. */
    SIDETONE_ENDPOINTS_PATIENT = 1,
    /* Free speech in two speeds: 400 ms after what sounds finished, 640 ms after what does not. */
    SIDETONE_ENDPOINTS_ADAPTIVE = 2,
    /* As the fields eager_ms, earliest_ms and confirmed_ms say. */
    SIDETONE_ENDPOINTS_CUSTOM = 3
};

#ifdef __cplusplus
extern "C" {
#endif

/* The library's version: SIDETONE_VERSION of the header that it was built with. Any thread. */
uint32_t sidetone_version(void);

/* A sentence about a status, in English, without a full stop; never null. It is the library's
 * and stays valid as long as that is loaded. Any thread. */
const char *sidetone_status_text(sidetone_status status);

#ifdef __cplusplus
}
#endif

#endif
