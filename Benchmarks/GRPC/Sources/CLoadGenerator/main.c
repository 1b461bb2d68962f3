// Sidetone
// SPDX-License-Identifier: Apache-2.0

// Callers that send a 20 ms frame every 20 ms on bidirectional gRPC streams, and a server that says
// each back: one line of figures. The sends of all streams are spread evenly, at absolute times; how
// late they really were is a figure of its own, because a late generator proves nothing.

#define _GNU_SOURCE

#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENT_COUNT = 64,
    // Sends that fall due within this time leave together; with 20 connections and 2000 streams
    // that is still one message for each connection.
    QUANTUM_NS = 200000,
    LINGER_NS = 1000000000,
};

static void fail(const char *what) {
    fprintf(stderr, "load generator: %s\n", what);
    exit(2);
}

static void connections_settle(struct load *load) {
    for (int index = 0; index < load->connection_count; index++) {
        struct connection *connection = &load->connections[index];
        if (!connection->has_news || connection->is_lost) continue;
        connection->has_news = false;
        connection->is_lost = !connection_write(connection);
    }
}

// Serves the sockets until `until`, at least once.
static void sockets_serve(struct load *load, int64_t until) {
    for (;;) {
        int64_t left = until - clock_now();
        struct timespec patience = {.tv_nsec = left > 0 ? left % 1000000000 : 0};
        struct epoll_event events[EVENT_COUNT];
        int count = epoll_pwait2(load->poller, events, EVENT_COUNT, &patience, NULL);
        for (int index = 0; index < count; index++) {
            struct connection *connection = events[index].data.ptr;
            if (connection->is_lost) continue;
            bool is_good = connection_read(connection);
            connection->has_news = true;
            if (is_good) continue;
            connection->is_lost = true;
            epoll_ctl(load->poller, EPOLL_CTL_DEL, connection->descriptor, NULL);
        }
        connections_settle(load);
        if (left <= 0) return;
    }
}

static void load_open(struct load *load) {
    load->poller = epoll_create1(0);
    load->connections = calloc((size_t)load->connection_count, sizeof(struct connection));
    load->streams = calloc((size_t)load->stream_count, sizeof(struct stream));
    for (int index = 0; index < load->connection_count; index++) {
        if (!connection_open(&load->connections[index], load)) fail("cannot connect");
        load->connections[index].has_news = true;
    }
    sockets_serve(load, clock_now() + 100000000);
    for (int index = 0; index < load->stream_count; index++) {
        stream_open(
            &load->streams[index], &load->connections[index % load->connection_count]);
        load->streams[index].connection->has_news = true;
    }
    sockets_serve(load, clock_now() + 200000000);
}

// The server's seconds of processor time within the window.
static double load_run(struct load *load) {
    int64_t start = clock_now() + 10000000, number = 0;
    load->begin = start + (int64_t)(load->warm_up_seconds * 1e9);
    load->end = load->begin + (int64_t)(load->seconds * 1e9);
    double at_begin = -1;
    for (;;) {
        int64_t now = clock_now(), due;
        if (at_begin < 0 && now >= load->begin) at_begin = process_seconds(load->server);
        while ((due = start + number * PERIOD_NS / load->stream_count) <= now && due < load->end) {
            struct stream *stream = &load->streams[number++ % load->stream_count];
            load->sent += due >= load->begin;
            if (stream->connection->is_lost || !stream_send(stream, due)) continue;
            if (due >= load->begin) samples_add(&load->latenesses, clock_now() - due);
        }
        connections_settle(load);
        if (due >= load->end) break;
        sockets_serve(load, due > now + QUANTUM_NS ? due : now + QUANTUM_NS);
    }
    double used = process_seconds(load->server) - at_begin;
    sockets_serve(load, clock_now() + LINGER_NS - 1);
    return used;
}

int main(int count, char **arguments) {
    if (count != 8) {
        fprintf(stderr, "usage: %s port path pid streams connections warm-up-seconds seconds\n",
                arguments[0]);
        return 2;
    }
    struct load load = {
        .port = atoi(arguments[1]), .path = arguments[2], .server = atoi(arguments[3]),
        .stream_count = atoi(arguments[4]), .connection_count = atoi(arguments[5]),
        .warm_up_seconds = atof(arguments[6]), .seconds = atof(arguments[7])};
    // The default slack of 50 us would be seen in every figure.
    prctl(PR_SET_TIMERSLACK, 1000);
    load_open(&load);
    double own = process_seconds(getpid()), used = load_run(&load);
    own = process_seconds(getpid()) - own;
    load.lost = load.sent - load.answered;
    printf(
        "cores=%.3f cpu_us=%.2f p50_us=%.0f p99_us=%.0f sent=%llu lost=%llu late_p99_us=%.0f "
        "late_max_us=%.0f generator_cores=%.3f\n",
        used / load.seconds, load.answered_within ? used * 1e6 / (double)load.answered_within : 0,
        samples_percentile_us(&load.round_trips, 50), samples_percentile_us(&load.round_trips, 99),
        (unsigned long long)load.sent, (unsigned long long)load.lost,
        samples_percentile_us(&load.latenesses, 99), samples_percentile_us(&load.latenesses, 100),
        own / (load.seconds + load.warm_up_seconds));
    return 0;
}
