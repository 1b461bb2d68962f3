// Sidetone
// SPDX-License-Identifier: Apache-2.0

// The yardstick: a WebSocket echo server with nothing between epoll and the frames. One thread; it
// prints its port, then says every message back until it is killed. What arrives in one read is
// answered by one write. It takes what the load generator sends: one key, whole messages, no
// control frames but Close, which ends the connection.

#define _GNU_SOURCE

#include "websocket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { ROOM = 1 << 16, EVENT_COUNT = 64, MASK_SIZE = 4 };

struct connection {
    int descriptor;
    bool is_upgraded;
    // What of a frame has arrived, when a read ended within it.
    size_t held_count;
    uint8_t held[FRAME_LIMIT];
};

static int poller;
// All connections read and write through these: what stays is moved to `held`.
static uint8_t input[ROOM], output[ROOM];

static void connection_end(struct connection *connection) {
    close(connection->descriptor);
    free(connection);
}

// Writes all of it or gives up on the peer: 64 KB unread are more than a call ever has.
static bool write_whole(int descriptor, const void *octets, size_t count) {
    return send(descriptor, octets, count, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)count;
}

static void unmask(uint8_t *target, const uint8_t *source, size_t count, const uint8_t *key) {
    uint64_t keys;
    memcpy(&keys, key, MASK_SIZE);
    keys |= keys << 32;
    size_t index = 0;
    for (; index + sizeof(keys) <= count; index += sizeof(keys)) {
        uint64_t word;
        memcpy(&word, source + index, sizeof(word));
        word ^= keys;
        memcpy(target + index, &word, sizeof(word));
    }
    for (; index < count; index++) target[index] = source[index] ^ key[index % MASK_SIZE];
}

// Answers the frames of `count` octets; what is left of the last one is kept. False to end.
static bool frames_answer(struct connection *connection, const uint8_t *octets, size_t count) {
    size_t begin = 0, answered = 0;
    while (count - begin >= 2) {
        const uint8_t *frame = octets + begin;
        if ((frame[0] & 0x0F) == OPCODE_CLOSE || !(frame[1] & 0x80)) return false;
        size_t length = frame[1] & 0x7F, header = 2;
        if (length == 127) return false;
        if (length == 126) {
            if (count - begin < 4) break;
            length = (size_t)frame[2] << 8 | frame[3];
            header = 4;
        }
        size_t whole = header + MASK_SIZE + length;
        if (whole > FRAME_LIMIT) return false;
        if (count - begin < whole) break;
        memcpy(output + answered, frame, header);
        output[answered + 1] &= 0x7F;
        unmask(output + answered + header, frame + header + MASK_SIZE, length, frame + header);
        answered += header + length;
        begin += whole;
    }
    connection->held_count = count - begin;
    memmove(connection->held, octets + begin, connection->held_count);
    return answered == 0 || write_whole(connection->descriptor, output, answered);
}

static bool upgrade(struct connection *connection, const uint8_t *octets, size_t count) {
    const uint8_t *end = memmem(octets, count, "\r\n\r\n", 4);
    if (end == NULL) {
        connection->held_count = count;
        memmove(connection->held, octets, count);
        return count < FRAME_LIMIT;
    }
    if (memmem(octets, count, HANDSHAKE_KEY, strlen(HANDSHAKE_KEY)) == NULL) return false;
    static const char answer[] =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " HANDSHAKE_ACCEPT "\r\n\r\n";
    connection->is_upgraded = true;
    connection->held_count = 0;
    return write_whole(connection->descriptor, answer, sizeof(answer) - 1);
}

static bool connection_serve(struct connection *connection) {
    memcpy(input, connection->held, connection->held_count);
    // Half of the room, so that the answers, which are shorter than the frames, always fit.
    ssize_t count = recv(
        connection->descriptor, input + connection->held_count, ROOM / 2, MSG_DONTWAIT);
    if (count < 0) return errno == EAGAIN;
    if (count == 0) return false;
    size_t all = connection->held_count + (size_t)count;
    return connection->is_upgraded ? frames_answer(connection, input, all)
                                   : upgrade(connection, input, all);
}

static void connection_take(int listener) {
    int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC), on = 1;
    if (descriptor < 0) return;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct connection *connection = calloc(1, sizeof(*connection));
    if (connection == NULL) abort();
    connection->descriptor = descriptor;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
}

int main(void) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 1024) != 0
        || getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        perror("echo server");
        return 2;
    }
    poller = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    printf("ws://127.0.0.1:%d/\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        struct epoll_event events[EVENT_COUNT];
        int count = epoll_wait(poller, events, EVENT_COUNT, -1);
        for (int index = 0; index < count; index++) {
            struct connection *connection = events[index].data.ptr;
            if (connection == NULL) {
                connection_take(listener);
            } else if (!connection_serve(connection)) {
                connection_end(connection);
            }
        }
    }
}
