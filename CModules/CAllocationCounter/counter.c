// Sidetone
// SPDX-License-Identifier: Apache-2.0

#include "CAllocationCounter.h"

#include <errno.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) \
    || __has_feature(memory_sanitizer)
#define ALLOCATION_COUNTER_SANITIZED 1
#endif
#endif

#if defined(__GLIBC__) && !defined(ALLOCATION_COUNTER_SANITIZED)

#include <malloc.h>

// glibc's own entry points: free() and malloc_usable_size() of the C library accept what they
// return, so those need no replacement.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

// The initial-exec model never allocates on first use, so counting cannot recurse.
static _Thread_local __attribute__((tls_model("initial-exec"))) bool counting;
static _Thread_local __attribute__((tls_model("initial-exec"))) uint64_t allocations;
static _Thread_local __attribute__((tls_model("initial-exec"))) uint64_t requested;

static inline void count(size_t size) {
    if (counting) {
        allocations += 1;
        requested += size;
    }
}

void *malloc(size_t size) {
    count(size);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count(number * size);
    return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
    count(size);
    return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) {
        return EINVAL;
    }
    count(size);
    void *memory = __libc_memalign(alignment, size);
    if (memory == NULL) {
        return ENOMEM;
    }
    *block = memory;
    return 0;
}

bool allocation_counter_available(void) { return true; }

void allocation_counter_start(void) {
    allocations = 0;
    requested = 0;
    counting = true;
}

uint64_t allocation_counter_stop(void) {
    counting = false;
    return allocations;
}

uint64_t allocation_counter_byte_count(void) { return requested; }

uint64_t allocation_counter_heap_byte_count(void) {
    struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

#else

bool allocation_counter_available(void) { return false; }

void allocation_counter_start(void) {}

uint64_t allocation_counter_stop(void) { return allocation_counter_unavailable; }

uint64_t allocation_counter_byte_count(void) { return allocation_counter_unavailable; }

uint64_t allocation_counter_heap_byte_count(void) { return allocation_counter_unavailable; }

#endif
