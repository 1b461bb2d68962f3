// Sidetone
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Octets that grow at the end and are taken from the front.
struct octets {
    uint8_t *base;
    size_t begin, end, capacity;
};

// One call: gRPC messages in, the same messages out.
struct stream {
    // The message that is arriving: prefix and body.
    struct octets arriving;
    // What waits for HTTP/2 to take it.
    struct octets leaving;
    bool has_ended;
};

static inline size_t octets_count(const struct octets *octets) {
    return octets->end - octets->begin;
}

void octets_append(struct octets *octets, const uint8_t *source, size_t count);
void octets_consume(struct octets *octets, size_t count);
void octets_free(struct octets *octets);

struct stream *stream_create(void);
void stream_free(struct stream *stream);

// Takes octets of DATA; each message that is complete goes to `leaving`. False when a message is
// compressed or longer than the limit.
bool stream_receive(struct stream *stream, const uint8_t *source, size_t count);
