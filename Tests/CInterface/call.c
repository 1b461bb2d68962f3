/* Sidetone
 * SPDX-License-Identifier: Apache-2.0
 *
 * A whole call through the C interface on a clock of its own: call NEAR FAR ANSWER [--quiet]
 *
 * The bot greets with FAR, the caller says NEAR (with the echo of it), and the bot answers
 * every turn with ANSWER. Prints each event, packet and stretch of caller audio; CallReference
 * prints the same from Swift. */
#include "recording.h"
#include "sidetone.h"

#include <inttypes.h>
#include <string.h>

#define TICK 10000000

static const char *const fault_names[] = {
    "", "mulaw_read_as_alaw", "alaw_read_as_mulaw", "swapped_octets", "linear_read_as_mulaw",
    "linear_read_as_alaw", "mulaw_read_as_linear", "alaw_read_as_linear", "slow_speech",
    "fast_speech", "one_way_audio", "dead_air", "clipping", "offset",
};

static int64_t virtual_now;
static int is_quiet;
static sidetone_call call;
static uint32_t answers;
static recording answer;

static int64_t read_clock(void *context) { return *(int64_t *)context; }

/* FNV-1a. */
static uint32_t stream_sum(uint32_t sum, const void *bytes, size_t size) {
    const uint8_t *byte = (const uint8_t *)bytes;
    size_t index;
    for (index = 0; index < size; index++) {
        sum = (sum ^ byte[index]) * 16777619u;
    }
    return sum;
}

static void expect(sidetone_status status, const char *what) {
    if (status < 0) {
        fprintf(stderr, "%s: %s\n", what, sidetone_status_text(status));
        exit(1);
    }
}

static uint32_t bits(float value) {
    uint32_t pattern;
    memcpy(&pattern, &value, sizeof pattern);
    return pattern;
}

static void print_evidence(const sidetone_evidence *seen) {
    const float values[] = {
        seen->near_level, seen->far_level, seen->echo_level, seen->residual_level,
        seen->floor_level, seen->delay_ms, seen->lock, seen->return_gain, seen->score,
        seen->threshold, seen->logit, seen->voicing};
    size_t index;
    printf(" %" PRId64 " %" PRId64, seen->onset, seen->decided);
    for (index = 0; index < sizeof values / sizeof *values; index++) {
        printf(" %08" PRIx32, bits(values[index]));
    }
    printf(" %d %d", seen->fired, seen->canceller_active);
}

static void print_event(const sidetone_event *event) {
    const sidetone_turn *turn = &event->turn_end;
    const sidetone_turn_bill *bill = &event->bill;
    const sidetone_account *account = &event->account;
    printf("%" PRId64 " ", virtual_now);
    switch (event->kind) {
    case SIDETONE_EVENT_SPEECH_STARTED: printf("started"); break;
    case SIDETONE_EVENT_SPEECH_PAUSED: printf("paused"); break;
    case SIDETONE_EVENT_SPEECH_RESUMED: printf("resumed"); break;
    case SIDETONE_EVENT_TURN_ENDED:
        printf("ended %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64, turn->onset,
               turn->last_voiced, turn->spoken_ns, turn->arrived_ns, turn->confirmed_ns);
        break;
    case SIDETONE_EVENT_TURN_ANSWERED:
        printf("answered %" PRIu32 " %" PRIu32 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
               " %" PRId64, bill->turn, bill->response, bill->arrival_ns, bill->endpoint_ns,
               bill->bot_ns, bill->playout_ns, bill->total_ns);
        break;
    case SIDETONE_EVENT_BARGE_IN:
        printf("interrupted %" PRId64 " %" PRId64 " %" PRIu32, event->time_ns, event->decided_ns,
               event->generation);
        print_evidence(&event->evidence);
        break;
    case SIDETONE_EVENT_BARGE_IN_HELD:
        printf("held");
        print_evidence(&event->evidence);
        break;
    case SIDETONE_EVENT_DIGIT: printf("digit %c", (char)event->digit); break;
    case SIDETONE_EVENT_STREAM_FAULT: printf("fault %s", fault_names[event->fault]); break;
    case SIDETONE_EVENT_RESPONSE_STARTED:
        printf("response-started %" PRIu32, event->response);
        break;
    case SIDETONE_EVENT_RESPONSE_SENT:
        printf("response-sent %" PRIu32, event->response);
        break;
    case SIDETONE_EVENT_RESPONSE_ENDED:
        printf("response-ended %" PRIu32 " %" PRIu32 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
               " %" PRId64 " %" PRId64 " %d %d %d", account->response, account->generation,
               account->accepted, account->sent, account->heard, account->flushed,
               account->returned, account->discarded, account->underruns, account->is_confirmed,
               account->was_cleared);
        break;
    case SIDETONE_EVENT_MARK:
        printf("mark %" PRIu64 " %" PRIu32 " %d", event->mark, event->response, event->was_heard);
        break;
    case SIDETONE_EVENT_UNDERRUN: printf("underrun %" PRIu32, event->response); break;
    case SIDETONE_EVENT_MEDIA_STALLED: printf("stalled"); break;
    case SIDETONE_EVENT_MEDIA_RESUMED: printf("media-resumed %" PRId64, event->duration_ns); break;
    case SIDETONE_EVENT_TIMELINE_JUMPED: printf("jumped %" PRId64, event->samples); break;
    case SIDETONE_EVENT_PLAYOUT_WRITABLE: printf("writable"); break;
    default: printf("unknown %d", event->kind); break;
    }
    if (event->kind <= SIDETONE_EVENT_TURN_ENDED) {
        printf(" turn %" PRIu32 " at %" PRId64, event->turn, event->position);
    }
    printf("\n");
}

static void speak(recording audio, uint64_t mark) {
    uint32_t response = 0;
    size_t taken = 0;
    expect(sidetone_call_begin_response(call, 1, &response), "begin");
    expect(sidetone_call_push_bot_audio(call, response, audio.samples, audio.count, &taken), "say");
    expect(sidetone_call_mark(call, response, mark), "mark");
    expect(sidetone_call_end_response(call, response), "end");
}

static void fetch(uint8_t *bytes, size_t capacity) {
    int16_t samples[480];
    sidetone_event event;
    sidetone_packet packet;
    uint32_t generation;
    size_t count;
    int saw_event;
    do {
        saw_event = 0;
        event.struct_size = sizeof event;
        while (sidetone_call_poll_event(call, &event) == SIDETONE_OK) {
            saw_event = 1;
            if (!is_quiet) print_event(&event);
            if (event.kind == SIDETONE_EVENT_TURN_ENDED) speak(answer, 100 + ++answers);
        }
        while (sidetone_call_pull_caller_audio(call, samples, 480, &count) == SIDETONE_OK) {
            if (!is_quiet) {
                printf("%" PRId64 " audio %zu %08" PRIx32 "\n", virtual_now, count,
                       stream_sum(2166136261u, samples, count * 2));
            }
        }
        if (sidetone_call_take_flush(call, &generation) == SIDETONE_OK && !is_quiet) {
            printf("%" PRId64 " flush %" PRIu32 "\n", virtual_now, generation);
        }
        packet.struct_size = sizeof packet;
        while (sidetone_call_pull_platform_audio(call, bytes, capacity, &packet) == SIDETONE_OK) {
            saw_event = 1;
            if (!is_quiet) {
                printf("%" PRId64 " packet %zu %" PRIu32 " %" PRIu32 " %08" PRIx32 "\n",
                       virtual_now, packet.size, packet.generation, packet.response,
                       stream_sum(2166136261u, bytes, packet.size));
            }
        }
    } while (saw_event);
}

int main(int count, char **arguments) {
    sidetone_engine_config settings;
    sidetone_call_config config;
    sidetone_engine engine = 0;
    sidetone_ledger ledger;
    recording near_side, far_side;
    uint8_t packet[160], *bytes;
    size_t capacity = 0, offset = 0;
    int tick;
    if (count < 4) {
        fprintf(stderr, "usage: call NEAR FAR ANSWER [--quiet]\n");
        return 2;
    }
    near_side = recording_read(arguments[1]);
    far_side = recording_read(arguments[2]);
    answer = recording_read(arguments[3]);
    is_quiet = count > 4 && strcmp(arguments[4], "--quiet") == 0;
    virtual_now = 1000000000;

    memset(&settings, 0, sizeof settings);
    settings.struct_size = sizeof settings;
    settings.clock = read_clock;
    settings.clock_context = &virtual_now;
    settings.max_calls = 1;
    memset(&config, 0, sizeof config);
    config.struct_size = sizeof config;
    config.endpoints = SIDETONE_ENDPOINTS_ADAPTIVE;
    config.bot_rate_hz = 8000;
    expect(sidetone_engine_create(&settings, &engine), "engine");
    expect(sidetone_call_open(engine, &config, &call), "open");
    expect(sidetone_call_packet_capacity(call, &capacity), "capacity");
    bytes = (uint8_t *)malloc(capacity);

    speak(far_side, 1);
    for (tick = 0; offset < near_side.count || tick % 2 != 0; tick++) {
        virtual_now += TICK;
        expect(sidetone_call_tick(call), "tick");
        fetch(bytes, capacity);
        if (tick % 2 == 1) {
            size_t length = near_side.count - offset < 160 ? near_side.count - offset : 160;
            expect(sidetone_encode(SIDETONE_PCMU, near_side.samples + offset, length, packet),
                   "G.711");
            expect(sidetone_call_push_caller_audio(call, packet, length), "push");
            offset += length;
            fetch(bytes, capacity);
        }
    }
    for (tick = 0; tick < 300; tick++) {
        virtual_now += TICK;
        expect(sidetone_call_tick(call), "tick");
        fetch(bytes, capacity);
        if (tick == 50) expect(sidetone_call_push_digit(call, '7'), "digit");
    }
    ledger.struct_size = sizeof ledger;
    expect(sidetone_call_ledger(call, &ledger), "ledger");
    printf("ledger %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n",
           ledger.caller_received, ledger.caller_delivered, ledger.bot_accepted, ledger.bot_sent,
           ledger.bot_heard, ledger.bot_discarded);
    expect(sidetone_call_close(call), "close");
    expect(sidetone_engine_close(engine), "close");
    free(bytes);
    free(near_side.samples);
    free(far_side.samples);
    free(answer.samples);
    return 0;
}
