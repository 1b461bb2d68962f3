/* Sidetone
 * SPDX-License-Identifier: Apache-2.0
 *
 * The promises of sidetone.h, held against the installed library. The same source is compiled
 * as C99 and as C++17. Prints a line for each check, then `N passed, N failed`. */
#include "sidetone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int passed, failed;

static void check(int is_met, const char *what) {
    if (is_met) {
        passed++;
    } else {
        failed++;
        printf("FAILED %s\n", what);
    }
}

#define CHECK(condition) check(condition, #condition)
#define SIZE(type, size) check(sizeof(type) == (size), "size of " #type)
#define PLACE(type, field, place) \
    check(offsetof(type, field) == (place), "place of " #type "." #field)

/* What hosts of version 0.1 were compiled with. */
static void check_layout(void) {
    SIZE(sidetone_status, 4);
    SIZE(sidetone_call, 8);
    SIZE(sidetone_format, 16);
    SIZE(sidetone_engine_config, 40);
    PLACE(sidetone_engine_config, clock, 8);
    PLACE(sidetone_engine_config, clock_context, 16);
    PLACE(sidetone_engine_config, max_calls, 24);
    PLACE(sidetone_engine_config, cancellers, 28);
    PLACE(sidetone_engine_config, playout_memory_size, 32);
    SIZE(sidetone_call_config, 128);
    PLACE(sidetone_call_config, struct_size, 0);
    PLACE(sidetone_call_config, from_platform, 8);
    PLACE(sidetone_call_config, to_platform, 24);
    PLACE(sidetone_call_config, channel, 40);
    PLACE(sidetone_call_config, bot_rate_hz, 44);
    PLACE(sidetone_call_config, flags, 48);
    PLACE(sidetone_call_config, endpoints, 52);
    PLACE(sidetone_call_config, barge_in, 68);
    PLACE(sidetone_call_config, barge_in_evidence, 72);
    PLACE(sidetone_call_config, playback_offset_limit_ms, 88);
    PLACE(sidetone_call_config, pacing, 92);
    PLACE(sidetone_call_config, pacing_separates_responses, 124);
    SIZE(sidetone_packet, 32);
    PLACE(sidetone_packet, size, 8);
    PLACE(sidetone_packet, generation, 16);
    PLACE(sidetone_packet, response, 20);
    SIZE(sidetone_ledger, 152);
    PLACE(sidetone_ledger, bot_accepted, 64);
    PLACE(sidetone_ledger, lost_events, 144);
    SIZE(sidetone_evidence, 72);
    SIZE(sidetone_turn, 40);
    SIZE(sidetone_turn_bill, 48);
    SIZE(sidetone_account, 72);
    SIZE(sidetone_event, 328);
    PLACE(sidetone_event, kind, 8);
    PLACE(sidetone_event, turn, 12);
    PLACE(sidetone_event, response, 16);
    PLACE(sidetone_event, mark, 40);
    PLACE(sidetone_event, position, 48);
    PLACE(sidetone_event, turn_end, 96);
    PLACE(sidetone_event, bill, 136);
    PLACE(sidetone_event, account, 184);
    PLACE(sidetone_event, evidence, 256);
    SIZE(sidetone_detector_config, 32);
    SIZE(sidetone_decision, 128);
    PLACE(sidetone_decision, evidence, 56);
    SIZE(sidetone_ring_statistics, 40);
}

static void check_texts(void) {
    int status;
    CHECK(sidetone_version() == SIDETONE_VERSION);
    for (status = SIDETONE_NO_PLAYOUT; status <= SIDETONE_FULL; status++) {
        check(strlen(sidetone_status_text(status)) > 3, "every status has a text");
    }
    CHECK(sidetone_status_text(12345) != NULL);
}

static sidetone_engine engine_of_one(void) {
    sidetone_engine_config config;
    sidetone_engine engine = 0;
    memset(&config, 0, sizeof config);
    config.struct_size = sizeof config;
    config.max_calls = 1;
    config.playout_memory_size = 65536;
    CHECK(sidetone_engine_create(&config, &engine) == SIDETONE_OK);
    return engine;
}

static void check_handles(void) {
    sidetone_engine engine = engine_of_one();
    sidetone_call call = 0, second = 0, old;
    sidetone_event event;
    uint32_t response = 0;
    int64_t now = 0;
    int round;
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    CHECK(engine != 0);
    CHECK(sidetone_engine_now(engine, &now) == SIDETONE_OK && now > 0);
    CHECK(sidetone_call_open(engine, NULL, &call) == SIDETONE_OK);
    CHECK(sidetone_call_open(engine, NULL, &second) == SIDETONE_LIMIT_REACHED && second == 0);
    CHECK(sidetone_call_tick(engine) == SIDETONE_INVALID_HANDLE);
    CHECK(sidetone_engine_close(call) == SIDETONE_INVALID_HANDLE);
    CHECK(sidetone_call_tick(0) == SIDETONE_INVALID_HANDLE);
    CHECK(sidetone_call_tick(~(sidetone_call)0) == SIDETONE_INVALID_HANDLE);
    CHECK(sidetone_call_poll_event(call, &event) == SIDETONE_NONE);
    CHECK(sidetone_call_close(call) == SIDETONE_OK);
    CHECK(sidetone_call_close(call) == SIDETONE_CLOSED);
    CHECK(sidetone_call_tick(call) == SIDETONE_CLOSED);
    CHECK(sidetone_call_poll_event(call, &event) == SIDETONE_CLOSED);
    CHECK(sidetone_call_begin_response(call, 1, &response) == SIDETONE_CLOSED);
    CHECK(sidetone_call_push_caller_audio(call, "", 0) == SIDETONE_CLOSED);
    old = call;
    for (round = 0; round < 1000; round++) {
        if (sidetone_call_open(engine, NULL, &call) != SIDETONE_OK) break;
        if (sidetone_call_tick(old) != SIDETONE_CLOSED) break;
        if (sidetone_call_close(call) != SIDETONE_OK) break;
    }
    check(round == 1000, "handles of a thousand calls in a row are not mistaken");
    CHECK(sidetone_call_open(engine, NULL, &call) == SIDETONE_OK);
    CHECK(sidetone_engine_close(engine) == SIDETONE_OK);
    check(sidetone_call_tick(call) == SIDETONE_CLOSED, "a call ends with its engine");
    CHECK(sidetone_call_close(call) == SIDETONE_CLOSED);
    CHECK(sidetone_engine_close(engine) == SIDETONE_CLOSED);
    CHECK(sidetone_call_open(engine, NULL, &call) == SIDETONE_CLOSED);
}

static void check_pointers_and_sizes(void) {
    sidetone_engine engine = engine_of_one();
    sidetone_call call = 0;
    sidetone_call_config config;
    sidetone_event event;
    sidetone_packet packet;
    sidetone_ledger ledger;
    int16_t samples[64];
    uint8_t bytes[512];
    size_t count = 0, capacity = 0;
    memset(samples, 0, sizeof samples);
    memset(&config, 0, sizeof config);
    CHECK(sidetone_engine_create(NULL, NULL) == SIDETONE_NULL_POINTER);
    CHECK(sidetone_call_open(engine, NULL, NULL) == SIDETONE_NULL_POINTER);
    CHECK(sidetone_call_open(engine, &config, &call) == SIDETONE_INVALID_SIZE);
    config.struct_size = sizeof config - 1;
    CHECK(sidetone_call_open(engine, &config, &call) == SIDETONE_INVALID_SIZE);
    config.struct_size = sizeof config;
    config.endpoints = 99;
    CHECK(sidetone_call_open(engine, &config, &call) == SIDETONE_INVALID_ARGUMENT);
    config.endpoints = SIDETONE_ENDPOINTS_PATIENT;
    CHECK(sidetone_call_open(engine, &config, &call) == SIDETONE_OK);

    CHECK(sidetone_call_poll_event(call, NULL) == SIDETONE_NULL_POINTER);
    memset(&event, 0, sizeof event);
    CHECK(sidetone_call_poll_event(call, &event) == SIDETONE_INVALID_SIZE);
    memset(&ledger, 0, sizeof ledger);
    CHECK(sidetone_call_ledger(call, &ledger) == SIDETONE_INVALID_SIZE);
    memset(&packet, 0, sizeof packet);
    CHECK(sidetone_call_pull_platform_audio(call, bytes, sizeof bytes, &packet)
          == SIDETONE_INVALID_SIZE);
    packet.struct_size = sizeof packet;
    CHECK(sidetone_call_packet_capacity(call, &capacity) == SIDETONE_OK && capacity == 160);
    CHECK(sidetone_call_pull_platform_audio(call, bytes, capacity - 1, &packet)
          == SIDETONE_BUFFER_TOO_SMALL);
    CHECK(sidetone_call_pull_platform_audio(call, NULL, capacity, &packet)
          == SIDETONE_NULL_POINTER);
    CHECK(sidetone_call_pull_caller_audio(call, samples, 63, &count) == SIDETONE_BUFFER_TOO_SMALL);
    CHECK(sidetone_call_pull_caller_audio(call, NULL, 64, &count) == SIDETONE_NULL_POINTER);
    CHECK(sidetone_call_push_caller_audio(call, NULL, 160) == SIDETONE_NULL_POINTER);
    CHECK(sidetone_call_push_caller_audio(call, NULL, 0) == SIDETONE_OK);
    CHECK(sidetone_call_push_bot_audio(call, 1, samples, 64, NULL) == SIDETONE_NO_RESPONSE);
    CHECK(sidetone_call_move_timeline(call, -1, NULL) == SIDETONE_INVALID_ARGUMENT);
    CHECK(sidetone_call_push_digit(call, 'x') == SIDETONE_INVALID_ARGUMENT);
    CHECK(sidetone_call_hold_packets(call, -1) == SIDETONE_INVALID_ARGUMENT);
    CHECK(sidetone_decode(9, bytes, 1, samples) == SIDETONE_INVALID_ARGUMENT);
    CHECK(sidetone_encode(SIDETONE_PCMU, NULL, 1, bytes) == SIDETONE_NULL_POINTER);
    CHECK(sidetone_call_close(call) == SIDETONE_OK);

    config.flags = SIDETONE_CALL_LISTEN_ONLY;
    CHECK(sidetone_call_open(engine, &config, &call) == SIDETONE_OK);
    CHECK(sidetone_call_clear(call) == SIDETONE_NO_PLAYOUT);
    CHECK(sidetone_engine_close(engine) == SIDETONE_OK);
}

static int64_t reentering_clock(void *context) {
    sidetone_call call = *(sidetone_call *)context;
    if (call != 0) {
        check(sidetone_call_tick(call) == SIDETONE_BUSY, "whoever is inside already is told so");
    }
    return 1000000000;
}

static void check_reentry(void) {
    sidetone_engine_config config;
    sidetone_engine engine = 0;
    sidetone_call call = 0;
    memset(&config, 0, sizeof config);
    config.struct_size = sizeof config;
    config.clock = reentering_clock;
    config.clock_context = &call;
    CHECK(sidetone_engine_create(&config, &engine) == SIDETONE_OK);
    CHECK(sidetone_call_open(engine, NULL, &call) == SIDETONE_OK);
    CHECK(sidetone_call_tick(call) == SIDETONE_OK);
    CHECK(sidetone_engine_close(engine) == SIDETONE_OK);
}

static void check_account(void) {
    sidetone_engine engine = engine_of_one();
    sidetone_call call = 0;
    sidetone_account account;
    sidetone_turn_bill bill;
    uint32_t response = 0, generation = 0;
    int16_t samples[800];
    size_t taken = 0;
    memset(samples, 0, sizeof samples);
    CHECK(sidetone_call_open(engine, NULL, &call) == SIDETONE_OK);
    CHECK(sidetone_call_begin_response(call, 1, &response) == SIDETONE_OK && response == 1);
    CHECK(sidetone_call_push_bot_audio(call, response, samples, 800, &taken) == SIDETONE_OK);
    CHECK(taken == 800);
    CHECK(sidetone_call_account(call, response, &account) == SIDETONE_OK);
    CHECK(account.accepted == 800 && account.heard == 0 && !account.is_final);
    CHECK(sidetone_call_clear(call) == SIDETONE_OK);
    CHECK(sidetone_call_push_bot_audio(call, response, samples, 800, &taken)
          == SIDETONE_NO_RESPONSE);
    check(sidetone_call_account(call, response, &account) == SIDETONE_OK && account.is_final
              && account.was_cleared && account.discarded == 800,
          "a response that was cleared keeps its account");
    CHECK(sidetone_call_account(call, 99, &account) == SIDETONE_NO_RESPONSE);
    check(sidetone_call_take_flush(call, &generation) == SIDETONE_NONE,
          "what never left needs no flush");
    CHECK(sidetone_call_turn_bill(call, &bill) == SIDETONE_NONE);
    CHECK(sidetone_engine_close(engine) == SIDETONE_OK);
}

static void check_pieces(void) {
    sidetone_resampler resampler = 0;
    sidetone_ring_writer writer = 0;
    sidetone_ring_reader reader = 0;
    sidetone_detector detector = 0;
    sidetone_decision decision;
    sidetone_ring_statistics statistics;
    int16_t input[160], output[480];
    uint8_t code[160];
    size_t count = 0, delay = 0;
    int index;
    for (index = 0; index < 160; index++) input[index] = (int16_t)(index * 100);
    CHECK(sidetone_encode(SIDETONE_PCMU, input, 160, code) == SIDETONE_OK && code[0] == 0xff);
    CHECK(sidetone_decode(SIDETONE_PCMU, code, 160, output) == SIDETONE_OK && output[0] == 0);
    CHECK(abs(output[159] - input[159]) < 600);

    CHECK(sidetone_resampler_open(8000, 3999, &resampler) == SIDETONE_INVALID_ARGUMENT);
    CHECK(sidetone_resampler_open(8000, 24000, &resampler) == SIDETONE_OK);
    CHECK(sidetone_resampler_delay(resampler, &delay) == SIDETONE_OK && delay > 0);
    CHECK(sidetone_resampler_process(resampler, input, 160, output, 479, &count)
          == SIDETONE_BUFFER_TOO_SMALL && count == 480);
    CHECK(sidetone_resampler_process(resampler, input, 160, output, 480, &count) == SIDETONE_OK);
    CHECK(sidetone_resampler_reset(resampler) == SIDETONE_OK);
    CHECK(sidetone_resampler_close(resampler) == SIDETONE_OK);
    CHECK(sidetone_resampler_reset(resampler) == SIDETONE_CLOSED);

    CHECK(sidetone_ring_open(0, &writer, &reader) == SIDETONE_INVALID_ARGUMENT);
    CHECK(sidetone_ring_open(100, &writer, &reader) == SIDETONE_OK);
    CHECK(sidetone_ring_write(writer, input, 160, &count) == SIDETONE_FULL && count == 100);
    CHECK(sidetone_ring_writer_close(writer) == SIDETONE_OK);
    CHECK(sidetone_ring_discard(reader, 10, &count) == SIDETONE_OK && count == 10);
    CHECK(sidetone_ring_read(reader, output, 480, &count) == SIDETONE_OK && count == 90);
    check(output[0] == 1000, "what was written is read after the writer is closed");
    CHECK(sidetone_ring_read(reader, output, 480, &count) == SIDETONE_NONE);
    statistics.struct_size = sizeof statistics;
    CHECK(sidetone_ring_reader_statistics(reader, &statistics) == SIDETONE_OK
          && statistics.written == 100 && statistics.read == 100 && statistics.high_water == 100);
    CHECK(sidetone_ring_write(writer, input, 1, &count) == SIDETONE_CLOSED);
    CHECK(sidetone_ring_reader_close(reader) == SIDETONE_OK);

    decision.struct_size = sizeof decision;
    CHECK(sidetone_detector_open(NULL, &detector) == SIDETONE_OK);
    CHECK(sidetone_detector_process(detector, input, 63, &count, &decision) == SIDETONE_NONE);
    CHECK(sidetone_detector_process(detector, input, 160, &count, &decision) == SIDETONE_OK);
    CHECK(count == 1 && decision.start == 0 && decision.end == 64);
    CHECK(sidetone_barge_in_detector_process(detector, input, input, 64, 1, &count, &decision)
          == SIDETONE_INVALID_ARGUMENT);
    CHECK(sidetone_detector_expect(detector, SIDETONE_EXPECT_DIGITS) == SIDETONE_OK);
    CHECK(sidetone_detector_close(detector) == SIDETONE_OK);
    CHECK(sidetone_detector_close(detector) == SIDETONE_CLOSED);
}

int main(void) {
    check_layout();
    check_texts();
    check_handles();
    check_pointers_and_sizes();
    check_reentry();
    check_account();
    check_pieces();
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
