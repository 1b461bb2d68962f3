/* Sidetone
 * SPDX-License-Identifier: Apache-2.0
 *
 * What 20 ms of a call cost through the C interface: frames NEAR FAR ROUNDS
 *
 * Both sides speak all the time. Prints nanoseconds of this thread for a frame pair, for the
 * smallest call there is, and the allocations after the first two rounds. */
#define _POSIX_C_SOURCE 200809L

#include "CAllocationCounter.h"
#include "recording.h"
#include "sidetone.h"

#include <string.h>
#include <time.h>

enum { FRAME = 160, CROSSINGS = 1000000 };

static int64_t virtual_now = 1000000000;

static int64_t read_clock(void *context) { return *(int64_t *)context; }

static double thread_time(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void require(int is_met, const char *what) {
    if (!is_met) {
        fprintf(stderr, "%s failed\n", what);
        exit(1);
    }
}

/* One round: the recording from its beginning to its end. */
static size_t run(sidetone_call call, recording near_side, recording far_side) {
    uint8_t packet[FRAME];
    int16_t samples[480];
    sidetone_event event;
    sidetone_packet out;
    uint32_t response = 0, generation;
    size_t count, frames = 0, offset;
    int is_open = 0;
    event.struct_size = sizeof event;
    out.struct_size = sizeof out;
    for (offset = 0; offset + FRAME <= near_side.count; offset += FRAME, frames++) {
        virtual_now += 20000000;
        require(sidetone_encode(SIDETONE_PCMU, near_side.samples + offset, FRAME, packet) == 0,
                "encode");
        require(sidetone_call_push_caller_audio(call, packet, FRAME) == 0, "push");
        if (!is_open) is_open = sidetone_call_begin_response(call, 1, &response) == SIDETONE_OK;
        if (sidetone_call_push_bot_audio(
                call, response, far_side.samples + offset % (far_side.count - FRAME), FRAME,
                &count) == SIDETONE_NO_RESPONSE) {
            is_open = 0;
        }
        require(sidetone_call_tick(call) == 0, "tick");
        while (sidetone_call_poll_event(call, &event) == SIDETONE_OK) {}
        while (sidetone_call_pull_caller_audio(call, samples, 480, &count) == SIDETONE_OK) {}
        sidetone_call_take_flush(call, &generation);
        while (sidetone_call_pull_platform_audio(call, packet, FRAME, &out) == SIDETONE_OK) {}
    }
    if (is_open) sidetone_call_end_response(call, response);
    return frames;
}

int main(int count, char **arguments) {
    sidetone_engine_config settings;
    sidetone_engine engine = 0;
    sidetone_call call = 0;
    recording near_side, far_side;
    double start, frame = 0, crossing;
    uint64_t allocations;
    size_t frames;
    int64_t position = 0;
    int round, rounds, crossings;
    if (count != 4) {
        fprintf(stderr, "usage: frames NEAR FAR ROUNDS\n");
        return 2;
    }
    near_side = recording_read(arguments[1]);
    far_side = recording_read(arguments[2]);
    rounds = atoi(arguments[3]);
    memset(&settings, 0, sizeof settings);
    settings.struct_size = sizeof settings;
    settings.max_calls = 1;
    settings.clock = read_clock;
    settings.clock_context = &virtual_now;
    require(sidetone_engine_create(&settings, &engine) == SIDETONE_OK, "engine");
    require(sidetone_call_open(engine, NULL, &call) == SIDETONE_OK, "call");

    /* In a debug build Swift makes the description of a type when it is first needed. */
    run(call, near_side, far_side);
    run(call, near_side, far_side);
    allocation_counter_start();
    for (round = 0; round < rounds; round++) {
        start = thread_time();
        frames = run(call, near_side, far_side);
        start = (thread_time() - start) / (double)frames;
        if (round == 0 || start < frame) frame = start;
    }
    allocations = allocation_counter_stop();

    start = thread_time();
    for (crossings = 0; crossings < CROSSINGS; crossings++) {
        require(sidetone_call_position(call, &position) == SIDETONE_OK, "position");
    }
    crossing = (thread_time() - start) / CROSSINGS;
    printf("frame pair: %.0f ns\n", frame);
    printf("one crossing: %.1f ns\n", crossing);
    printf("allocations: %llu\n", (unsigned long long)allocations);
    require(sidetone_engine_close(engine) == SIDETONE_OK, "close");
    free(near_side.samples);
    free(far_side.samples);
    return allocations != 0;
}
