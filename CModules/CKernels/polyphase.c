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
    // Blocks are rounded up to whole vectors: so far past the last one loads may reach. What they
    // give is thrown away, but it should be defined.
    OVERREACH = 32,
    STREAM_STRIDE = MAXIMUM_BLOCKS + CK_POLYPHASE_MAXIMUM_TAPS + OVERREACH,
    MAXIMUM_RAW = (MAXIMUM_BLOCKS + CK_POLYPHASE_MAXIMUM_TAPS + 1) * CK_POLYPHASE_MAXIMUM_RATIO,
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

// Filters at most MAXIMUM_BLOCKS blocks of `samples`, the history and then the new ones, and writes
// the outputs that the first `pending` of them had not made due.
#define DEFINE_SEGMENT(name)                                                                  \
    static size_t run_segment_##name(                                                         \
        const ck_polyphase *filter, int16_t *samples, size_t pending, size_t count,           \
        int16_t *out) {                                                                       \
        const size_t up = filter->up;                                                         \
        const size_t down = filter->down;                                                     \
        const size_t blocks = (pending + count + down - 1) / down;                            \
        const size_t length = filter->taps - 1 + blocks;                                      \
        const size_t skipped = pending * up / down;                                           \
        const size_t written = (pending + count) * up / down - skipped;                       \
        int16_t streams[CK_POLYPHASE_MAXIMUM_RATIO * STREAM_STRIDE];                          \
        int16_t outputs[CK_POLYPHASE_MAXIMUM_RATIO * MAXIMUM_BLOCKS];                         \
        int16_t *source = samples;                                                            \
        if (down > 1) {                                                                       \
            deinterleave_##name(samples, down, length, streams);                              \
            source = streams;                                                                 \
        }                                                                                     \
        for (size_t m = 0; m < down; m += 1) {                                                \
            memset(source + m * STREAM_STRIDE + length, 0, OVERREACH * sizeof(int16_t));      \
        }                                                                                     \
        filter_blocks_##name(filter, source, blocks, outputs);                                \
        if (skipped == 0 && written == blocks * up) {                                         \
            interleave_##name(outputs, up, blocks, out);                                      \
        } else {                                                                              \
            int16_t joined[CK_POLYPHASE_MAXIMUM_RATIO * MAXIMUM_BLOCKS];                      \
            interleave_##name(outputs, up, blocks, joined);                                   \
            memcpy(out, joined + skipped, written * sizeof(int16_t));                         \
        }                                                                                     \
        return written;                                                                       \
    }

DEFINE_SEGMENT(baseline)
#if defined(CK_HAS_AVX2_BUILD)
DEFINE_SEGMENT(avx2)
#endif

static size_t run_segment(
    const ck_polyphase *filter, int16_t *samples, size_t pending, size_t count, int16_t *out) {
#if defined(CK_HAS_AVX2_BUILD)
    if (ck_use_avx2()) {
        return run_segment_avx2(filter, samples, pending, count, out);
    }
#endif
    return run_segment_baseline(filter, samples, pending, count, out);
}

size_t ck_polyphase_run(
    const ck_polyphase *filter, int16_t *history, size_t pending, const int16_t *in,
    size_t in_count, int16_t *out) {
    const size_t down = filter->down;
    const size_t kept = (filter->taps - 1) * down;
    int16_t samples[MAXIMUM_RAW];

    size_t written = 0;
    while (in_count > 0) {
        size_t count = MAXIMUM_BLOCKS * down - pending;
        if (count > in_count) {
            count = in_count;
        }
        const size_t end = kept + pending + count;
        memcpy(samples, history, (kept + pending) * sizeof(int16_t));
        memcpy(samples + kept + pending, in, count * sizeof(int16_t));
        // The rest of a block that has begun: outputs that need it are not written yet.
        memset(samples + end, 0, CK_POLYPHASE_MAXIMUM_RATIO * sizeof(int16_t));
        written += run_segment(filter, samples, pending, count, out + written);

        const size_t consumed = (pending + count) / down * down;
        pending = (pending + count) % down;
        memcpy(history, samples + consumed, (kept + pending) * sizeof(int16_t));
        in += count;
        in_count -= count;
    }
    return written;
}
