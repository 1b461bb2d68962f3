// Sidetone
// SPDX-License-Identifier: Apache-2.0

// The yardstick: a gRPC echo server with nothing between epoll and nghttp2. One thread; it prints
// its port, then says every message of every call back until it is killed. What arrives in one
// read is answered by one write.

#define _GNU_SOURCE

#include "stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { READ_SIZE = 1 << 16, EVENT_COUNT = 64, WINDOW_SIZE = 1 << 20, STREAM_LIMIT = 1000 };

struct connection {
    int descriptor;
    bool waits_for_room;
    nghttp2_session *session;
    struct octets leaving;
};

static nghttp2_session_callbacks *callbacks;
static int poller;

#define FIELD(field_name, field_value)                                                     \
    {                                                                                      \
        .name = (uint8_t *)(field_name), .value = (uint8_t *)(field_value),                \
        .namelen = sizeof(field_name) - 1, .valuelen = sizeof(field_value) - 1,            \
        .flags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE,             \
    }

static ssize_t stream_read(
    nghttp2_session *session, int32_t identifier, uint8_t *buffer, size_t capacity, uint32_t *flags,
    nghttp2_data_source *source, void *user
) {
    (void)user;
    struct stream *stream = source->ptr;
    size_t count = octets_count(&stream->leaving);
    if (count == 0 && !stream->has_ended) return NGHTTP2_ERR_DEFERRED;
    if (count > capacity) count = capacity;
    memcpy(buffer, stream->leaving.base + stream->leaving.begin, count);
    octets_consume(&stream->leaving, count);
    if (stream->has_ended && octets_count(&stream->leaving) == 0) {
        static const nghttp2_nv trailers[] = {FIELD("grpc-status", "0")};
        *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
        nghttp2_submit_trailer(session, identifier, trailers, 1);
    }
    return (ssize_t)count;
}

static int call_begins(nghttp2_session *session, const nghttp2_frame *frame, void *user) {
    (void)user;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    struct stream *stream = stream_create();
    if (stream == NULL) return NGHTTP2_ERR_CALLBACK_FAILURE;
    return nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, stream);
}

static int frame_arrived(nghttp2_session *session, const nghttp2_frame *frame, void *user) {
    (void)user;
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    struct stream *stream = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (stream == NULL) return 0;
    stream->has_ended = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    if (frame->hd.type == NGHTTP2_HEADERS) {
        static const nghttp2_nv fields[] = {
            FIELD(":status", "200"), FIELD("content-type", "application/grpc")};
        nghttp2_data_provider provider = {.source.ptr = stream, .read_callback = stream_read};
        return nghttp2_submit_response(session, frame->hd.stream_id, fields, 2, &provider);
    }
    if (octets_count(&stream->leaving) > 0 || stream->has_ended) {
        nghttp2_session_resume_data(session, frame->hd.stream_id);
    }
    return 0;
}

static int data_arrived(
    nghttp2_session *session, uint8_t flags, int32_t identifier, const uint8_t *data, size_t count,
    void *user
) {
    (void)flags, (void)user;
    struct stream *stream = nghttp2_session_get_stream_user_data(session, identifier);
    if (stream != NULL && !stream_receive(stream, data, count)) {
        nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, identifier, NGHTTP2_INTERNAL_ERROR);
    }
    return 0;
}

static int call_ends(nghttp2_session *session, int32_t identifier, uint32_t code, void *user) {
    (void)code, (void)user;
    stream_free(nghttp2_session_get_stream_user_data(session, identifier));
    nghttp2_session_set_stream_user_data(session, identifier, NULL);
    return 0;
}

static void connection_watch(struct connection *connection, int operation) {
    struct epoll_event event = {
        .events = EPOLLIN | (connection->waits_for_room ? EPOLLOUT : 0u), .data.ptr = connection};
    epoll_ctl(poller, operation, connection->descriptor, &event);
}

static void connection_open(int descriptor) {
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct connection *connection = calloc(1, sizeof(*connection));
    if (connection == NULL) abort();
    connection->descriptor = descriptor;
    nghttp2_session_server_new(&connection->session, callbacks, connection);
    nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, STREAM_LIMIT},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW_SIZE}};
    nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, settings, 2);
    nghttp2_session_set_local_window_size(
        connection->session, NGHTTP2_FLAG_NONE, 0, 16 * WINDOW_SIZE);
    connection_watch(connection, EPOLL_CTL_ADD);
}

static void connection_close(struct connection *connection) {
    close(connection->descriptor);
    // The session forgets calls that are still open without a word: their memory stays with the
    // process, which lives for one run.
    nghttp2_session_del(connection->session);
    octets_free(&connection->leaving);
    free(connection);
}

static bool connection_write(struct connection *connection) {
    for (;;) {
        const uint8_t *frame;
        ssize_t count = nghttp2_session_mem_send(connection->session, &frame);
        if (count < 0) return false;
        if (count == 0) break;
        octets_append(&connection->leaving, frame, (size_t)count);
    }
    while (octets_count(&connection->leaving) > 0) {
        ssize_t count = send(
            connection->descriptor, connection->leaving.base + connection->leaving.begin,
            octets_count(&connection->leaving), MSG_NOSIGNAL);
        if (count < 0 && errno != EAGAIN) return false;
        if (count < 0) break;
        octets_consume(&connection->leaving, (size_t)count);
    }
    bool waits = octets_count(&connection->leaving) > 0;
    if (waits != connection->waits_for_room) {
        connection->waits_for_room = waits;
        connection_watch(connection, EPOLL_CTL_MOD);
    }
    return true;
}

static bool connection_serve(struct connection *connection, uint32_t events) {
    static uint8_t buffer[READ_SIZE];
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        ssize_t count = recv(connection->descriptor, buffer, sizeof(buffer), 0);
        if (count == 0 || (count < 0 && errno != EAGAIN)) return false;
        if (count > 0 && nghttp2_session_mem_recv(connection->session, buffer, (size_t)count) < 0)
            return false;
    }
    return connection_write(connection);
}

static int listen_anywhere(void) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    if (bind(descriptor, (struct sockaddr *)&address, size) != 0 || listen(descriptor, 512) != 0
        || getsockname(descriptor, (struct sockaddr *)&address, &size) != 0) {
        perror("listen");
        exit(1);
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return descriptor;
}

int main(void) {
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, call_begins);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frame_arrived);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, data_arrived);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, call_ends);
    poller = epoll_create1(0);
    int listener = listen_anywhere();
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        struct epoll_event events[EVENT_COUNT];
        int count = epoll_wait(poller, events, EVENT_COUNT, -1);
        for (int index = 0; index < count; index++) {
            struct connection *connection = events[index].data.ptr;
            if (connection == NULL) {
                int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                if (descriptor >= 0) connection_open(descriptor);
            } else if (!connection_serve(connection, events[index].events)) {
                connection_close(connection);
            }
        }
    }
}
