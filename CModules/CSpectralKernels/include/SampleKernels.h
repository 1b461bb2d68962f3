// Sidetone
// SPDX-License-Identifier: Apache-2.0

// Kernels over the 16-bit samples of a block. Everything is summed in integers, so no order of
// additions changes a result. Buffers may have any alignment and must not overlap.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Sums of a stretch of samples.
typedef struct sk_shape {
    /// Of the squares of the samples and of their first and second differences. Before the first
    /// sample there are more like it.
    int64_t squares;
    int64_t changes;
    int64_t bends;
    int32_t sum;
    int16_t least;
    int16_t most;
} sk_shape;

/// - Precondition: 1 <= count <= 65535.
void sk_measure_shape(const int16_t *samples, size_t count, sk_shape *shape);

/// Whether a sample lies beyond `limit` on either side.
void sk_exceeds(const int16_t *samples, size_t count, int16_t limit, bool *result);

/// Asks for memory to be brought near, while other work is done.
void sk_fetch(const void *memory, size_t octets);

/// Moves `window`, two blocks of 64, on by `block`, and writes the sum of the block's squares, each
/// sample shifted by 3 bits so that extreme ones do not leave 32.
void sk_tone_window(int16_t *window, const int16_t *block, int32_t *energy);

#ifdef __cplusplus
}
#endif
