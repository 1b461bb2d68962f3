// Sidetone
// SPDX-License-Identifier: Apache-2.0

// Callers with a WebSocket each that send 20 ms of mu-law every 20 ms, and a server that says each
// back: one line of figures. The sends of all are spread evenly, at absolute times; how late they
// really were is a figure of its own, because a late generator proves nothing.

#define _GNU_SOURCE

#include "measure.h"
#include "websocket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    PAYLOAD_SIZE = 160,
    REPLY_SIZE = 4 + PAYLOAD_SIZE,
    MESSAGE_SIZE = REPLY_SIZE + 4,
    PERIOD_NS = 20000000,
    LINGER_NS = 500000000,
    EVENT_COUNT = 64,
};

struct caller {
    int descriptor;
    bool is_lost;
    size_t reply_count;
    uint8_t reply[FRAME_LIMIT];
};

static int poller, caller_count;
static struct caller *callers;
static int64_t window_begin, window_end;
static uint64_t sent, answered, answered_within;
static struct samples round_trips, latenesses;

static void fail(const char *what) {
    fprintf(stderr, "load generator: %s\n", what);
    exit(2);
}

static void caller_open(struct caller *caller, int port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    static const char request[] =
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " HANDSHAKE_KEY "\r\n\r\n";
    caller->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(caller->descriptor, (struct sockaddr *)&address, sizeof(address)) != 0)
        fail("cannot connect");
    int on = 1;
    setsockopt(caller->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    send(caller->descriptor, request, sizeof(request) - 1, MSG_NOSIGNAL);
    size_t count = 0;
    while (memmem(caller->reply, count, "\r\n\r\n", 4) == NULL) {
        ssize_t more = recv(caller->descriptor, caller->reply + count, FRAME_LIMIT - count, 0);
        if (more <= 0) fail("no answer to the handshake");
        count += (size_t)more;
    }
    if (memmem(caller->reply, count, HANDSHAKE_ACCEPT, strlen(HANDSHAKE_ACCEPT)) == NULL)
        fail("the handshake was refused");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = caller};
    epoll_ctl(poller, EPOLL_CTL_ADD, caller->descriptor, &event);
}

static void reply_complete(const uint8_t *reply) {
    int64_t times[2], now = clock_now();
    memcpy(times, reply + REPLY_SIZE - PAYLOAD_SIZE, sizeof(times));
    if (now >= window_begin && now < window_end) answered_within++;
    if (times[0] < window_begin) return;
    answered++;
    samples_add(&round_trips, now - times[1]);
}

static void caller_read(struct caller *caller) {
    ssize_t more = recv(
        caller->descriptor, caller->reply + caller->reply_count,
        FRAME_LIMIT - caller->reply_count, MSG_DONTWAIT);
    if (more < 0 && errno == EAGAIN) return;
    if (more <= 0) {
        caller->is_lost = true;
        epoll_ctl(poller, EPOLL_CTL_DEL, caller->descriptor, NULL);
        return;
    }
    caller->reply_count += (size_t)more;
    size_t begin = 0;
    for (; caller->reply_count - begin >= REPLY_SIZE; begin += REPLY_SIZE) {
        const uint8_t *reply = caller->reply + begin;
        if (reply[0] != (0x80 | OPCODE_BINARY) || reply[1] != 126 || reply[3] != PAYLOAD_SIZE)
            fail("what came back is not what was sent");
        reply_complete(reply);
    }
    caller->reply_count -= begin;
    memmove(caller->reply, caller->reply + begin, caller->reply_count);
}

static void caller_send(struct caller *caller, int64_t due) {
    uint8_t message[MESSAGE_SIZE] = {
        0x80 | OPCODE_BINARY, 0x80 | 126, 0, PAYLOAD_SIZE, 0x12, 0x34, 0x56, 0x78};
    uint8_t *payload = message + MESSAGE_SIZE - PAYLOAD_SIZE;
    int64_t times[2] = {due, clock_now()};
    memset(payload, 0xFF, PAYLOAD_SIZE);
    memcpy(payload, times, sizeof(times));
    for (size_t index = 0; index < PAYLOAD_SIZE; index++)
        payload[index] ^= message[4 + index % 4];
    ssize_t taken = send(
        caller->descriptor, message, sizeof(message), MSG_NOSIGNAL | MSG_DONTWAIT);
    // A message in parts would be in the way of all that follow.
    caller->is_lost = taken >= 0 && taken < (ssize_t)sizeof(message);
}

// Serves the sockets until `until`, at least once.
static void sockets_serve(int64_t until) {
    for (;;) {
        int64_t left = until - clock_now();
        struct timespec patience = {.tv_nsec = left > 0 ? left % 1000000000 : 0};
        struct epoll_event events[EVENT_COUNT];
        int count = epoll_pwait2(poller, events, EVENT_COUNT, &patience, NULL);
        for (int index = 0; index < count; index++) caller_read(events[index].data.ptr);
        if (left <= 0) return;
    }
}

// The server's seconds of processor time within the window.
static double run(pid_t server, double warm_up_seconds, double seconds) {
    int64_t start = clock_now() + 10000000, number = 0;
    window_begin = start + (int64_t)(warm_up_seconds * 1e9);
    window_end = window_begin + (int64_t)(seconds * 1e9);
    double at_begin = -1;
    for (;;) {
        int64_t now = clock_now(), due;
        if (at_begin < 0 && now >= window_begin) at_begin = process_seconds(server);
        while ((due = start + number * PERIOD_NS / caller_count) <= now && due < window_end) {
            struct caller *caller = &callers[number++ % caller_count];
            sent += due >= window_begin;
            if (caller->is_lost) continue;
            caller_send(caller, due);
            if (due >= window_begin) samples_add(&latenesses, clock_now() - due);
        }
        if (due >= window_end) break;
        sockets_serve(due);
    }
    double used = process_seconds(server) - at_begin;
    sockets_serve(clock_now() + LINGER_NS);
    return used;
}

int main(int count, char **arguments) {
    if (count != 6) {
        fprintf(stderr, "usage: %s port pid connections warm-up-seconds seconds\n", arguments[0]);
        return 2;
    }
    // The default slack of 50 us would be seen in every figure.
    prctl(PR_SET_TIMERSLACK, 1000);
    poller = epoll_create1(0);
    caller_count = atoi(arguments[3]);
    callers = calloc((size_t)caller_count, sizeof(struct caller));
    if (callers == NULL) abort();
    for (int index = 0; index < caller_count; index++)
        caller_open(&callers[index], atoi(arguments[1]));
    double seconds = atof(arguments[5]);
    double used = run(atoi(arguments[2]), atof(arguments[4]), seconds);
    printf(
        "cores=%.3f cpu_us=%.2f p50_us=%.0f p99_us=%.0f sent=%llu lost=%llu late_p99_us=%.0f\n",
        used / seconds, answered_within ? used * 1e6 / (double)answered_within : 0,
        samples_percentile_us(&round_trips, 50), samples_percentile_us(&round_trips, 99),
        (unsigned long long)sent, (unsigned long long)(sent - answered),
        samples_percentile_us(&latenesses, 99));
    return 0;
}
