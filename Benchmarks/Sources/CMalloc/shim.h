// Sidetone
// SPDX-License-Identifier: Apache-2.0

// What the allocator has given out: Swift's module of glibc leaves <malloc.h> out.
#include <malloc.h>
