// Sidetone
// SPDX-License-Identifier: Apache-2.0

#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_SIZE = 1 << 16, WINDOW_SIZE = 1 << 20 };

static ssize_t request_read(
    nghttp2_session *session, int32_t identifier, uint8_t *buffer, size_t capacity, uint32_t *flags,
    nghttp2_data_source *source, void *user
) {
    (void)session, (void)identifier, (void)flags, (void)user;
    struct stream *stream = source->ptr;
    size_t count = 0;
    while (stream->held_count > 0 && count < capacity) {
        size_t piece = FRAMED_SIZE - stream->first_gone;
        if (piece > capacity - count) piece = capacity - count;
        memcpy(buffer + count, stream->held[stream->held_first] + stream->first_gone, piece);
        count += piece;
        stream->first_gone += piece;
        if (stream->first_gone == FRAMED_SIZE) {
            stream->first_gone = 0;
            stream->held_first = (stream->held_first + 1) % HELD_LIMIT;
            stream->held_count--;
        }
    }
    return count > 0 ? (ssize_t)count : NGHTTP2_ERR_DEFERRED;
}

static void reply_complete(struct load *load, const uint8_t *message) {
    int64_t times[2], now = clock_now();
    memcpy(times, message + PREFIX_SIZE, sizeof(times));
    if (now >= load->begin && now < load->end) load->answered_within++;
    if (times[0] < load->begin) return;
    load->answered++;
    samples_add(&load->round_trips, now - times[1]);
}

static int data_arrived(
    nghttp2_session *session, uint8_t flags, int32_t identifier, const uint8_t *data, size_t count,
    void *user
) {
    (void)flags;
    struct connection *connection = user;
    struct stream *stream = nghttp2_session_get_stream_user_data(session, identifier);
    while (stream != NULL && count > 0) {
        size_t piece = FRAMED_SIZE - stream->reply_count;
        if (piece > count) piece = count;
        memcpy(stream->reply + stream->reply_count, data, piece);
        stream->reply_count += piece;
        data += piece;
        count -= piece;
        if (stream->reply_count == FRAMED_SIZE) {
            reply_complete(connection->load, stream->reply);
            stream->reply_count = 0;
        }
    }
    return 0;
}

static void connection_watch(struct connection *connection, int operation) {
    struct epoll_event event = {
        .events = EPOLLIN | (connection->waits_for_room ? EPOLLOUT : 0u), .data.ptr = connection};
    epoll_ctl(connection->load->poller, operation, connection->descriptor, &event);
}

bool connection_open(struct connection *connection, struct load *load) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)load->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    connection->load = load;
    connection->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection->descriptor, (struct sockaddr *)&address, sizeof(address)) != 0)
        return false;
    int on = 1;
    setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (load->callbacks == NULL) {
        nghttp2_session_callbacks_new(&load->callbacks);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(load->callbacks, data_arrived);
    }
    nghttp2_session_client_new(&connection->session, load->callbacks, connection);
    nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}, {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW_SIZE}};
    nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, settings, 2);
    nghttp2_session_set_local_window_size(
        connection->session, NGHTTP2_FLAG_NONE, 0, 16 * WINDOW_SIZE);
    connection_watch(connection, EPOLL_CTL_ADD);
    return true;
}

bool connection_read(struct connection *connection) {
    static uint8_t buffer[READ_SIZE];
    ssize_t count = recv(connection->descriptor, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (count < 0) return errno == EAGAIN;
    return count > 0
        && nghttp2_session_mem_recv(connection->session, buffer, (size_t)count) == count;
}

static void keep_leaving(struct connection *connection, const uint8_t *source, size_t count) {
    if (connection->leaving_capacity - connection->leaving_end < count) {
        connection->leaving_capacity = 2 * (connection->leaving_end + count);
        connection->leaving = realloc(connection->leaving, connection->leaving_capacity);
        if (connection->leaving == NULL) abort();
    }
    memcpy(connection->leaving + connection->leaving_end, source, count);
    connection->leaving_end += count;
}

bool connection_write(struct connection *connection) {
    const uint8_t *frame;
    ssize_t count;
    while ((count = nghttp2_session_mem_send(connection->session, &frame)) > 0) {
        keep_leaving(connection, frame, (size_t)count);
    }
    if (count < 0) return false;
    while (connection->leaving_begin < connection->leaving_end) {
        ssize_t taken = send(
            connection->descriptor, connection->leaving + connection->leaving_begin,
            connection->leaving_end - connection->leaving_begin, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (taken < 0 && errno != EAGAIN) return false;
        if (taken < 0) break;
        connection->leaving_begin += (size_t)taken;
    }
    bool waits = connection->leaving_begin < connection->leaving_end;
    if (!waits) connection->leaving_begin = connection->leaving_end = 0;
    if (waits != connection->waits_for_room) {
        connection->waits_for_room = waits;
        connection_watch(connection, EPOLL_CTL_MOD);
    }
    return true;
}

void stream_open(struct stream *stream, struct connection *connection) {
    const char *fields[][2] = {
        {":method", "POST"},   {":scheme", "http"},
        {":path", connection->load->path}, {":authority", "localhost"},
        {"te", "trailers"},    {"content-type", "application/grpc"}};
    nghttp2_nv values[6];
    for (size_t index = 0; index < 6; index++) {
        values[index] = (nghttp2_nv){
            .name = (uint8_t *)fields[index][0], .value = (uint8_t *)fields[index][1],
            .namelen = strlen(fields[index][0]), .valuelen = strlen(fields[index][1])};
    }
    nghttp2_data_provider provider = {.source.ptr = stream, .read_callback = request_read};
    stream->connection = connection;
    stream->identifier
        = nghttp2_submit_request(connection->session, NULL, values, 6, &provider, stream);
}

bool stream_send(struct stream *stream, int64_t due) {
    if (stream->held_count == HELD_LIMIT) return false;
    uint8_t *message = stream->held[(stream->held_first + stream->held_count) % HELD_LIMIT];
    memset(message, 0, FRAMED_SIZE);
    message[PREFIX_SIZE - 1] = MESSAGE_SIZE;
    int64_t times[2] = {due, clock_now()};
    memcpy(message + PREFIX_SIZE, times, sizeof(times));
    stream->held_count++;
    nghttp2_session_resume_data(stream->connection->session, stream->identifier);
    stream->connection->has_news = true;
    return true;
}
