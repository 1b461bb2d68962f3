// Sidetone
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "measure.h"

#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    // 160 octets of G.711 and what a VoiceVARequest has around them.
    MESSAGE_SIZE = 190,
    PREFIX_SIZE = 5,
    FRAMED_SIZE = PREFIX_SIZE + MESSAGE_SIZE,
    // What a stream may hold back when its window is closed; beyond it, messages are lost.
    HELD_LIMIT = 64,
    PERIOD_NS = 20000000,
};

struct stream {
    struct connection *connection;
    int32_t identifier;
    // The reply that is arriving.
    uint8_t reply[FRAMED_SIZE];
    size_t reply_count;
    // Messages HTTP/2 has not taken: a ring of whole messages, the first partly gone.
    uint8_t held[HELD_LIMIT][FRAMED_SIZE];
    size_t held_first, held_count, first_gone;
};

struct connection {
    int descriptor;
    nghttp2_session *session;
    struct load *load;
    uint8_t *leaving;
    size_t leaving_begin, leaving_end, leaving_capacity;
    bool waits_for_room, has_news, is_lost;
};

struct load {
    int port, stream_count, connection_count;
    double warm_up_seconds, seconds;
    pid_t server;
    const char *path;

    int poller;
    nghttp2_session_callbacks *callbacks;
    struct connection *connections;
    struct stream *streams;

    // The window of measurement, in nanoseconds of the monotonic clock.
    int64_t begin, end;
    uint64_t sent, lost, answered, answered_within;
    struct samples round_trips, latenesses;
};

bool connection_open(struct connection *connection, struct load *load);
bool connection_read(struct connection *connection);
// Hands what nghttp2 has to the socket, in one write.
bool connection_write(struct connection *connection);

void stream_open(struct stream *stream, struct connection *connection);
// Queues one message that carries when it was due and when it was sent; false when too many wait.
bool stream_send(struct stream *stream, int64_t due);
