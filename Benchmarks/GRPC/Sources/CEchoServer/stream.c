// Sidetone
// SPDX-License-Identifier: Apache-2.0

#include "stream.h"

#include <stdlib.h>
#include <string.h>

enum { PREFIX_SIZE = 5, MESSAGE_LIMIT = 4 << 20 };

void octets_append(struct octets *octets, const uint8_t *source, size_t count) {
    if (octets->capacity - octets->end < count) {
        size_t held = octets_count(octets);
        if (octets->begin > 0) memmove(octets->base, octets->base + octets->begin, held);
        octets->begin = 0;
        octets->end = held;
        if (octets->capacity - held < count) {
            size_t capacity = octets->capacity ? octets->capacity : 512;
            while (capacity - held < count) capacity *= 2;
            octets->base = realloc(octets->base, capacity);
            if (octets->base == NULL) abort();
            octets->capacity = capacity;
        }
    }
    memcpy(octets->base + octets->end, source, count);
    octets->end += count;
}

void octets_consume(struct octets *octets, size_t count) {
    octets->begin += count;
    if (octets->begin == octets->end) octets->begin = octets->end = 0;
}

void octets_free(struct octets *octets) {
    free(octets->base);
}

struct stream *stream_create(void) {
    return calloc(1, sizeof(struct stream));
}

void stream_free(struct stream *stream) {
    if (stream == NULL) return;
    octets_free(&stream->arriving);
    octets_free(&stream->leaving);
    free(stream);
}

bool stream_receive(struct stream *stream, const uint8_t *source, size_t count) {
    octets_append(&stream->arriving, source, count);
    while (octets_count(&stream->arriving) >= PREFIX_SIZE) {
        const uint8_t *prefix = stream->arriving.base + stream->arriving.begin;
        uint32_t length = (uint32_t)prefix[1] << 24 | (uint32_t)prefix[2] << 16
            | (uint32_t)prefix[3] << 8 | prefix[4];
        if (prefix[0] != 0 || length > MESSAGE_LIMIT) return false;
        size_t size = PREFIX_SIZE + (size_t)length;
        if (octets_count(&stream->arriving) < size) break;
        octets_append(&stream->leaving, prefix, size);
        octets_consume(&stream->arriving, size);
    }
    return true;
}
