// Sidetone
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    OPCODE_BINARY = 2,
    OPCODE_CLOSE = 8,
    // The longest frame, and the longest head of a handshake, that either end takes.
    FRAME_LIMIT = 4096,
};

// The example of RFC 6455 section 1.3: no server or client here computes another.
#define HANDSHAKE_KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define HANDSHAKE_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
