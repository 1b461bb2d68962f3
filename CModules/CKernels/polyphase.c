// Sidetone
// SPDX-License-Identifier: Apache-2.0

// Samples and coefficients are 16-bit integers, sums 32-bit: twice the lanes of a float, and the
// same result whatever the order and width of the additions.

#include "CKernels.h"
#include "dispatch.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef int16_t i16x16 __attribute__((vector_size(32)));
typedef int32_t i32x8 __attribute__((vector_size(32)));
typedef int32_t i32x4 __attribute__((vector_size(16)));

enum {
    // Blocks (of `down` samples in, `up` samples out) filtered at once: a frame of 20 ms at 8 kHz.
    MAXIMUM_BLOCKS = 160,
    // Loads reach at most one vector pair past the last block.
    STREAM_STRIDE = MAXIMUM_BLOCKS + CK_POLYPHASE_MAXIMUM_TAPS + 32,
    MAXIMUM_RAW = (CK_POLYPHASE_MAXIMUM_TAPS + MAXIMUM_BLOCKS) * CK_POLYPHASE_MAXIMUM_RATIO,
};

#define KERNEL(name) name##_baseline
#define TARGET
#include "polyphase_kernel.h"
#undef KERNEL
#undef TARGET

#if defined(CK_HAS_AVX2_BUILD)
#define KERNEL(name) name##_avx2
#define TARGET CK_AVX2
#define KERNEL_AVX2
#include "polyphase_kernel.h"
#endif

// Filters at most MAXIMUM_BLOCKS blocks. `raw` holds the history, then the new samples, and
// `streams` is room for them by stream.
static size_t run_segment(
    const ck_polyphase *filter, const int16_t *raw, size_t pending, size_t in_count,
    int16_t *streams, int16_t *out) {
    const size_t up = filter->up;
    const size_t down = filter->down;
    const size_t blocks = (pending + in_count + down - 1) / down;
    const size_t length = filter->taps - 1 + blocks;

    int16_t outputs[CK_POLYPHASE_MAXIMUM_RATIO * MAXIMUM_BLOCKS];
    int16_t samples[CK_POLYPHASE_MAXIMUM_RATIO * MAXIMUM_BLOCKS];
    const size_t skipped = pending * up / down;
    const size_t written = (pending + in_count) * up / down - skipped;

#if defined(CK_HAS_AVX2_BUILD)
    if (ck_use_avx2()) {
        if (down > 1) {
            deinterleave_avx2(raw, down, length, streams);
        }
        filter_blocks_avx2(filter, streams, blocks, outputs);
        interleave_avx2(outputs, up, blocks, samples);
        memcpy(out, samples + skipped, written * sizeof(int16_t));
        return written;
    }
#endif
    if (down > 1) {
        deinterleave_baseline(raw, down, length, streams);
    }
    filter_blocks_baseline(filter, streams, blocks, outputs);
    interleave_baseline(outputs, up, blocks, samples);
    memcpy(out, samples + skipped, written * sizeof(int16_t));
    return written;
}

size_t ck_polyphase_run(
    const ck_polyphase *filter, int16_t *history, size_t pending, const int16_t *in,
    size_t in_count, int16_t *out) {
    const size_t down = filter->down;
    const size_t kept = (filter->taps - 1) * down;

    // Lanes past the last sample take part in sums that are thrown away; zeros keep them defined.
    int16_t raw[MAXIMUM_RAW] = {0};
    int16_t streams[CK_POLYPHASE_MAXIMUM_RATIO * STREAM_STRIDE] = {0};

    size_t written = 0;
    while (in_count > 0) {
        size_t count = MAXIMUM_BLOCKS * down - pending;
        if (count > in_count) {
            count = in_count;
        }
        int16_t *samples = down > 1 ? raw : streams;
        memcpy(samples, history, (kept + pending) * sizeof(int16_t));
        memcpy(samples + kept + pending, in, count * sizeof(int16_t));
        written += run_segment(filter, samples, pending, count, streams, out + written);

        const size_t consumed = (pending + count) / down * down;
        pending = (pending + count) % down;
        memcpy(history, samples + consumed, (kept + pending) * sizeof(int16_t));
        in += count;
        in_count -= count;
    }
    return written;
}
