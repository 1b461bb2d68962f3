// Sidetone
// SPDX-License-Identifier: Apache-2.0

// Counts heap allocations of the calling thread, for tests that claim a path allocates nothing.
//
// On glibc the allocation functions of the whole test program are replaced by ones that count and
// pass on. Under the address and thread sanitizers, and on other C libraries, nothing is replaced:
// allocation_counter_available() is false and such tests should skip.

#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What allocation_counter_stop() returns where nothing can be counted.
static const uint64_t allocation_counter_unavailable = UINT64_MAX;

/// Whether allocations are counted in this build.
bool allocation_counter_available(void);

/// Starts counting on the calling thread, from zero.
void allocation_counter_start(void);

/// Stops counting on the calling thread.
///
/// Returns the calls of malloc, calloc, realloc, posix_memalign, aligned_alloc and memalign since
/// allocation_counter_start(), or allocation_counter_unavailable.
uint64_t allocation_counter_stop(void);

/// Bytes asked for by the allocations of the last count, or allocation_counter_unavailable.
uint64_t allocation_counter_byte_count(void);

/// Bytes of the heap that are in use now, by all threads, or allocation_counter_unavailable.
uint64_t allocation_counter_heap_byte_count(void);

#ifdef __cplusplus
}
#endif
