/* Sidetone
 * SPDX-License-Identifier: Apache-2.0
 *
 * Engines and calls. Include sidetone.h, not this file.
 *
 * All functions here but sidetone_engine_create take a handle and follow its thread rule: one
 * thread at a time for an engine and all of its calls.
 */
#ifndef SIDETONE_CALL_H
#define SIDETONE_CALL_H

#include "event.h"

/* Reads a monotonic clock, in nanoseconds. Called from inside of functions that take a call, on
 * their thread; it must not call Sidetone. What runs backwards is taken for standing still,
 * what is negative for zero. */
typedef int64_t (*sidetone_clock)(void *context);

/* Zero is the default of every field. */
typedef struct sidetone_engine_config {
    size_t struct_size;
    /* Null: the operating system's monotonic clock. */
    sidetone_clock clock;
    void *clock_context;
    /* Calls that may be open at once; 100. At most 10,000. */
    int32_t max_calls;
    /* Echo cancellers, 32 KB each: calls with an audible echo that can have one at once; as many as
     * calls, up to 256. Negative: none. More calls than that tell an echo by its level. */
    int32_t cancellers;
    /* Memory for the audio of bots that waits, of all calls together; 16 MB. At least 64 KB, at
     * most 4 GB. All of it is allocated when the engine is created. */
    size_t playout_memory_size;
} sidetone_engine_config;

/* How audio leaves for the platform. */
enum {
    /* As it is heard, in packets of 20 ms, up to 40 ms ahead: RTP and the like. */
    SIDETONE_PACING_REAL_TIME = 0,
    /* All there is at once, a packet never holds two responses: platforms that queue and play. */
    SIDETONE_PACING_UNPACED = 1,
    /* As the fields pacing_* say. */
    SIDETONE_PACING_CUSTOM = 2
};

/* What an interruption of the bot leads to. */
enum {
    /* The bot is cleared at once. */
    SIDETONE_BARGE_IN_CLEAR = 0,
    /* The bot falls silent at once and is cleared only when nobody vetoes for veto_window_ms. */
    SIDETONE_BARGE_IN_PAUSE = 1
};

/* Flags of a call. */
enum {
    /* The bot is given all of the caller's audio, not only turns from their onset. */
    SIDETONE_CALL_CONTINUOUS = 1,
    /* The platform takes no audio. */
    SIDETONE_CALL_LISTEN_ONLY = 2,
    /* The bot's echo is taken out of the audio that the bot is given (platforms at 8 kHz): 0.4 MB,
     * and the work of several calls. */
    SIDETONE_CALL_CLEAN_AUDIO = 4
};

/* Zero is the default of every field. All lengths are at most 600,000 ms. */
typedef struct sidetone_call_config {
    size_t struct_size;
    /* What comes from the platform: 8 kHz or a multiple of it up to 48, up to 8 channels of
     * which one is heard. */
    sidetone_format from_platform;
    /* What goes to the platform: mono; 8, 16, 24 or 48 kHz. All zero: the same encoding and rate as
     * from the platform. */
    sidetone_format to_platform;
    /* The channel of from_platform that holds the caller, counted from 0. */
    int32_t channel;
    /* Rate of the audio that the bot is given and gives, in Hz: 8000 to 48,000; 8000. */
    int32_t bot_rate_hz;
    /* SIDETONE_CALL_*, added up. */
    uint32_t flags;
    /* SIDETONE_ENDPOINTS_*, and for CUSTOM the silence until a turn is paused, until it is
     * ended where it sounds final (zero: as confirmed), and until it is ended whatever it
     * sounds like. */
    int32_t endpoints;
    int32_t eager_ms;
    int32_t earliest_ms;
    int32_t confirmed_ms;
    /* SIDETONE_BARGE_IN_*. */
    int32_t barge_in;
    /* The evidence that makes an interruption; 8. 4 fires on little, 16 on what leaves no doubt. */
    float barge_in_evidence;
    int32_t veto_window_ms;          /* 400 */
    int32_t stall_threshold_ms;      /* 1000 */
    int32_t playout_capacity_ms;     /* 60,000: audio of the bot that may wait */
    /* How much later than sent the caller may hear audio, up to 4000: where a platform buffers. */
    int32_t playback_offset_limit_ms;
    /* SIDETONE_PACING_*, and for CUSTOM: */
    int32_t pacing;
    /* how far ahead of the caller's ear audio may leave; -1 for all at once; */
    int32_t pacing_lead_ms;
    /* length of a packet, and of the longest (zero: the same), up to 10,000; */
    int32_t pacing_packet_ms;
    int32_t pacing_maximum_packet_ms;
    /* what must be there before an unfinished response starts, or how long nothing came; */
    int32_t pacing_start_threshold_ms;
    int32_t pacing_start_patience_ms;
    /* one packet per this time (zero: no limit), and how many may leave ahead of that; */
    int32_t pacing_packet_interval_ms;
    int32_t pacing_packet_burst;
    /* 1: a packet never holds two responses. */
    int32_t pacing_separates_responses;
} sidetone_call_config;

/* A packet for the platform. */
typedef struct sidetone_packet {
    size_t struct_size;
    /* Bytes written. */
    size_t size;
    uint32_t generation;
    /* The response that its first sample belongs to, and whether that may be interrupted. */
    uint32_t response;
    int32_t allows_barge_in;
    int32_t reserved;
} sidetone_packet;

/* Where all samples of a call went, at the platform's rates but for the two refused ones. */
typedef struct sidetone_ledger {
    size_t struct_size;
    /* The caller's: received + inserted = delivered + discarded + held. */
    int64_t caller_received;
    int64_t caller_inserted;
    int64_t caller_skipped;
    int64_t caller_delivered;
    int64_t caller_discarded;
    /* The part of discarded that the bot should have had and did not fetch in time. */
    int64_t caller_overrun;
    int64_t caller_held;
    /* The bot's: accepted + returned = sent + discarded + queued, and
     * sent = heard + flushed + returned + in_flight. */
    int64_t bot_accepted;
    int64_t bot_sent;
    int64_t bot_heard;
    int64_t bot_flushed;
    int64_t bot_returned;
    int64_t bot_discarded;
    int64_t bot_queued;
    int64_t bot_in_flight;
    int64_t bot_refused_stale;
    int64_t bot_refused_full;
    /* Events that were not fetched in time and are lost; 128 are kept. */
    int64_t lost_events;
} sidetone_ledger;

/* What the bot expects the caller to say next. */
enum {
    SIDETONE_EXPECT_FREE_SPEECH = 0,
    SIDETONE_EXPECT_YES_NO = 1,
    SIDETONE_EXPECT_DIGITS = 2
};

#ifdef __cplusplus
extern "C" {
#endif

/* Creates an engine: the memory that calls of one thread share. A null config is all defaults. Any
 * thread. Allocates. */
sidetone_status sidetone_engine_create(
    const sidetone_engine_config *config, sidetone_engine *engine);

/* Closes an engine and every call of it. */
sidetone_status sidetone_engine_close(sidetone_engine engine);

/* The engine's time. */
sidetone_status sidetone_engine_now(sidetone_engine engine, int64_t *now_ns);

/* Opens a call. A null config is all defaults. Allocates. */
sidetone_status sidetone_call_open(
    sidetone_engine engine, const sidetone_call_config *config, sidetone_call *call);

/* Closes a call; what was not fetched is lost. */
sidetone_status sidetone_call_close(sidetone_call call);

/* Lets time pass: timers, stalls, turns that end without audio, progress of playback. Call it every
 * 10 ms, or at sidetone_call_deadline. */
sidetone_status sidetone_call_tick(sidetone_call call);

/* By when sidetone_call_tick, and after it the functions that fetch, are due again if nothing
 * is put in before. May lie in the past. */
sidetone_status sidetone_call_deadline(sidetone_call call, int64_t *deadline_ns);

/* ---- The caller's side ---- */

/* Takes audio that arrived from the platform, in any chunking; bytes of an incomplete frame at
 * the end are ignored. Audio that is merely late needs nothing. Some microseconds for 20 ms. */
sidetone_status sidetone_call_push_caller_audio(
    sidetone_call call, const void *bytes, size_t size);

/* The platform says that its stream is at `position` now: what is between is missing. Up to a
 * second is filled with silence, more is a jump. At most 2^40. `missing` (may be null): how
 * many samples; negative when the position lies behind, which changes nothing. */
sidetone_status sidetone_call_move_timeline(
    sidetone_call call, int64_t position, int64_t *missing);

/* The position after the newest sample of the caller. */
sidetone_status sidetone_call_position(sidetone_call call, int64_t *position);

/* The platform has stopped its audio on purpose, and goes on: no stall is told in between. */
sidetone_status sidetone_call_suspend(sidetone_call call);
sidetone_status sidetone_call_resume(sidetone_call call);

/* The platform says that the caller pressed a key: '0' to '9', '*', '#', 'A' to 'D'. A key that is
 * heard in the audio as well is told once. */
sidetone_status sidetone_call_push_digit(sidetone_call call, char digit);

/* What the bot expects to hear next: SIDETONE_EXPECT_*. */
sidetone_status sidetone_call_expect(sidetone_call call, int32_t expected);

/* ---- The bot's side ---- */

/* Moves audio of the caller that is due to the bot, at the bot's rate: of each turn from shortly
 * before its onset. `capacity` is 64 or more. SIDETONE_OK with `count` samples; SIDETONE_NONE when
 * nothing is due. */
sidetone_status sidetone_call_pull_caller_audio(
    sidetone_call call, int16_t *samples, size_t capacity, size_t *count);

/* Begins a response; it is heard after those begun before it. SIDETONE_LIMIT_REACHED when 32
 * are not over. */
sidetone_status sidetone_call_begin_response(
    sidetone_call call, int32_t allows_barge_in, uint32_t *response);

/* Queues audio of the bot at the bot's rate, in any chunking. `taken` (may be null): samples
 * taken. SIDETONE_FULL when these are not all: wait for SIDETONE_EVENT_PLAYOUT_WRITABLE.
 * SIDETONE_NO_RESPONSE when the response was cleared or has ended: nothing of it is heard any
 * more. */
sidetone_status sidetone_call_push_bot_audio(
    sidetone_call call, uint32_t response, const int16_t *samples, size_t count, size_t *taken);

/* Asks for SIDETONE_EVENT_MARK once the caller has heard all of `response` queued so far.
 * SIDETONE_LIMIT_REACHED when 64 marks wait. */
sidetone_status sidetone_call_mark(sidetone_call call, uint32_t response, uint64_t mark);

/* The bot has said everything of `response`. */
sidetone_status sidetone_call_end_response(sidetone_call call, uint32_t response);

/* Stops the bot at once. No sample of an older generation is handed out after this returns. */
sidetone_status sidetone_call_clear(sidetone_call call);

/* The bot's word that what it heard is no interruption: it goes on where it stopped. SIDETONE_NONE
 * when it is too late. */
sidetone_status sidetone_call_veto(sidetone_call call, uint32_t interruption);

/* ---- The platform's side ---- */

/* Room that sidetone_call_pull_platform_audio asks for, in bytes. */
sidetone_status sidetone_call_packet_capacity(sidetone_call call, size_t *capacity);

/* A clear that the platform has to be told, once each; before any packet. */
sidetone_status sidetone_call_take_flush(sidetone_call call, uint32_t *generation);

/* The next packet that is due, in the format to the platform. SIDETONE_OK: send it and call again;
 * SIDETONE_NONE: none is due. */
sidetone_status sidetone_call_pull_platform_audio(
    sidetone_call call, void *bytes, size_t capacity, sidetone_packet *packet);

/* The platform began to play what it was sent; it has played all it had. Optional. */
sidetone_status sidetone_call_playback_started(sidetone_call call);
sidetone_status sidetone_call_playback_completed(sidetone_call call);

/* The platform asked for a pause: no packet leaves for so long, up to 600,000 ms. */
sidetone_status sidetone_call_hold_packets(sidetone_call call, int32_t duration_ms);

/* ---- What happened ---- */

/* The oldest event that was not fetched. Set the event's struct_size before. */
sidetone_status sidetone_call_poll_event(sidetone_call call, sidetone_event *event);

/* What is known now of a response: how much of it the caller heard. Final ones can be asked for
 * until 32 others are. Asked before the events that end it are fetched, too. */
sidetone_status sidetone_call_account(
    sidetone_call call, uint32_t response, sidetone_account *account);

/* The bill of the last turn that was answered. SIDETONE_NONE while none was. */
sidetone_status sidetone_call_turn_bill(sidetone_call call, sidetone_turn_bill *bill);

/* Where all samples went, as of the last instant the call was given. */
sidetone_status sidetone_call_ledger(sidetone_call call, sidetone_ledger *ledger);

#ifdef __cplusplus
}
#endif

#endif
