// Sidetone
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <zlib.h>

// inflateInit2() is a macro and therefore out of Swift's reach. 16 asks for the gzip format.

static inline int sidetone_gzip_inflate_init(z_stream *stream) {
    return inflateInit2(stream, 16 + MAX_WBITS);
}
