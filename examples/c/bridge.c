/* Sidetone
 * SPDX-License-Identifier: Apache-2.0
 *
 * A bridge between a platform and a bot over UDP, 16-bit samples at 8 kHz in this machine's
 * order:
 *
 *   bridge PLATFORM_PORT BOT_PORT
 *
 * The platform sends the caller's audio to PLATFORM_PORT in datagrams of 20 ms and is sent the
 * bot's. The bot sends audio in any chunking to BOT_PORT, an empty datagram at the end of each
 * answer, and is sent the caller's turns. Both are known by the address of their first
 * datagram. Events go to standard output. One call, until the caller is silent for five
 * seconds. */
#define _POSIX_C_SOURCE 200809L

#include <netinet/in.h>
#include <poll.h>
#include <sidetone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One side of the bridge. */
typedef struct peer {
    int socket;
    int is_known;
    struct sockaddr_in address;
} peer;

static peer listen_on(const char *port) {
    peer side;
    struct sockaddr_in local;
    memset(&side, 0, sizeof side);
    memset(&local, 0, sizeof local);
    local.sin_family = AF_INET;
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    local.sin_port = htons((uint16_t)atoi(port));
    side.socket = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(side.socket, (struct sockaddr *)&local, sizeof local) != 0) {
        perror(port);
        exit(1);
    }
    return side;
}

/* The next datagram, or -1 when none waits. */
static ssize_t receive(peer *side, void *bytes, size_t size) {
    socklen_t length = sizeof side->address;
    ssize_t count = recvfrom(side->socket, bytes, size, MSG_DONTWAIT,
                             (struct sockaddr *)&side->address, &length);
    side->is_known |= count >= 0;
    return count;
}

static void send_to(const peer *side, const void *bytes, size_t size) {
    if (side->is_known) {
        sendto(side->socket, bytes, size, 0, (const struct sockaddr *)&side->address,
               sizeof side->address);
    }
}

static void require(sidetone_status status, const char *what) {
    if (status < 0) {
        fprintf(stderr, "%s: %s\n", what, sidetone_status_text(status));
        exit(1);
    }
}

/* Tells what happened; returns whether the call is over. */
static int tell(const sidetone_event *event) {
    const double at = (double)event->position / 8000;
    switch (event->kind) {
    case SIDETONE_EVENT_SPEECH_STARTED: printf("caller speaks from %.2f s\n", at); break;
    case SIDETONE_EVENT_TURN_ENDED: printf("caller was done at %.2f s\n", at); break;
    case SIDETONE_EVENT_BARGE_IN: printf("caller interrupts at %.2f s\n", at); break;
    case SIDETONE_EVENT_TURN_ANSWERED:
        printf("answered after %.0f ms\n", (double)event->bill.total_ns / 1e6);
        break;
    case SIDETONE_EVENT_RESPONSE_ENDED:
        printf("heard %.2f s of response %u\n", (double)event->account.heard / 8000,
               event->response);
        break;
    default: break;
    }
    fflush(stdout);
    return event->kind == SIDETONE_EVENT_MEDIA_STALLED;
}

int main(int count, char **arguments) {
    peer platform, bot;
    sidetone_engine engine;
    sidetone_call call;
    sidetone_call_config config;
    uint32_t response = 0, generation;
    int is_over = 0;
    if (count != 3) {
        fprintf(stderr, "usage: bridge PLATFORM_PORT BOT_PORT\n");
        return 2;
    }
    platform = listen_on(arguments[1]);
    bot = listen_on(arguments[2]);
    memset(&config, 0, sizeof config);
    config.struct_size = sizeof config;
    config.from_platform.encoding = SIDETONE_L16_LITTLE_ENDIAN;
    config.stall_threshold_ms = 5000;
    require(sidetone_engine_create(NULL, &engine), "engine");
    require(sidetone_call_open(engine, &config, &call), "call");
    printf("listening\n");
    fflush(stdout);

    while (!is_over) {
        struct pollfd sockets[] = {{platform.socket, POLLIN, 0}, {bot.socket, POLLIN, 0}};
        sidetone_event event;
        sidetone_packet packet;
        int16_t samples[4096];
        size_t length;
        ssize_t size;
        event.struct_size = sizeof event;
        packet.struct_size = sizeof packet;
        poll(sockets, 2, 10);
        while ((size = receive(&platform, samples, sizeof samples)) >= 0) {
            require(sidetone_call_push_caller_audio(call, samples, (size_t)size), "caller");
        }
        while ((size = receive(&bot, samples, sizeof samples)) >= 0) {
            if (response == 0) require(sidetone_call_begin_response(call, 1, &response), "answer");
            /* SIDETONE_NO_RESPONSE: the caller interrupted, nobody hears the rest. */
            sidetone_call_push_bot_audio(call, response, samples, (size_t)size / 2, NULL);
            if (size == 0) {
                sidetone_call_end_response(call, response);
                response = 0;
            }
        }
        require(sidetone_call_tick(call), "tick");
        while (sidetone_call_poll_event(call, &event) == SIDETONE_OK) is_over |= tell(&event);
        while (sidetone_call_pull_caller_audio(call, samples, 4096, &length) == SIDETONE_OK) {
            send_to(&bot, samples, length * 2);
        }
        /* A platform that queues would be told to drop what it has here. */
        sidetone_call_take_flush(call, &generation);
        while (sidetone_call_pull_platform_audio(call, samples, sizeof samples, &packet)
               == SIDETONE_OK) {
            send_to(&platform, samples, packet.size);
        }
    }
    require(sidetone_engine_close(engine), "close");
    close(platform.socket);
    close(bot.socket);
    return 0;
}
