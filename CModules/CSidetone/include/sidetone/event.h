/* Sidetone
 * SPDX-License-Identifier: Apache-2.0
 *
 * What happened on a call. Include sidetone.h, not this file.
 *
 * The structs inside of sidetone_event are final: they keep their size for good.
 */
#ifndef SIDETONE_EVENT_H
#define SIDETONE_EVENT_H

#include "basics.h"

/* Kinds of events, and the fields of sidetone_event that each one sets; all others are zero. Kinds
 * that a host does not know are to be left out: a newer library may tell more. */
enum {
    /* The caller began to speak, at `position`, some time ago: turn, position. */
    SIDETONE_EVENT_SPEECH_STARTED = 1,
    /* The caller may have finished, a bot may begin to think: turn, position (after the last
     * voice). */
    SIDETONE_EVENT_SPEECH_PAUSED = 2,
    /* The caller went on after a pause: turn, position. */
    SIDETONE_EVENT_SPEECH_RESUMED = 3,
    /* The turn is over: turn, position (after the last voice), turn_end. */
    SIDETONE_EVENT_TURN_ENDED = 4,
    /* The bot's first audio after a turn was handed to the platform: turn, response, bill. */
    SIDETONE_EVENT_TURN_ANSWERED = 5,
    /* The caller interrupted, and the bot was cleared: position (onset), time_ns (when it was
     * spoken), decided_ns, generation, evidence. */
    SIDETONE_EVENT_BARGE_IN = 6,
    /* The caller seems to interrupt; the bot is silent and is cleared at deadline_ns unless
     * sidetone_call_veto is called before: interruption, position, time_ns, decided_ns,
     * deadline_ns, evidence. Told with SIDETONE_BARGE_IN_PAUSE only. */
    SIDETONE_EVENT_INTERRUPTION = 7,
    /* The bot goes on where the caller stopped hearing it: interruption. */
    SIDETONE_EVENT_INTERRUPTION_VETOED = 8,
    /* There was some evidence of an interruption, and it faded: position (onset), evidence. */
    SIDETONE_EVENT_BARGE_IN_HELD = 9,
    /* The caller pressed a key: digit. It may be part of a secret: keep it out of logs. */
    SIDETONE_EVENT_DIGIT = 10,
    /* Something is wrong with the caller's stream, its format for instance: fault. */
    SIDETONE_EVENT_STREAM_FAULT = 11,
    /* The first packet, or the last, of a response was handed to the platform: response. */
    SIDETONE_EVENT_RESPONSE_STARTED = 12,
    SIDETONE_EVENT_RESPONSE_SENT = 13,
    /* A response was heard to its end or cleared, its account is final: response, account. */
    SIDETONE_EVENT_RESPONSE_ENDED = 14,
    /* A mark was passed by the caller's ear (was_heard is 1) or cleared (0): response, mark,
     * was_heard. */
    SIDETONE_EVENT_MARK = 15,
    /* An unfinished response ran dry, the caller hears a gap: response. */
    SIDETONE_EVENT_UNDERRUN = 16,
    /* Nothing has arrived for the stall threshold. */
    SIDETONE_EVENT_MEDIA_STALLED = 17,
    /* Audio arrives again: duration_ns of silence. */
    SIDETONE_EVENT_MEDIA_RESUMED = 18,
    /* The platform declared a gap: samples that the timeline jumped by. */
    SIDETONE_EVENT_TIMELINE_JUMPED = 19,
    /* The bot's audio was refused for lack of room, and now half of the room is free. */
    SIDETONE_EVENT_PLAYOUT_WRITABLE = 20
};

/* What can be wrong with a stream. The first nine are a format that is not the one agreed. */
enum {
    SIDETONE_FAULT_MULAW_READ_AS_ALAW = 1,
    SIDETONE_FAULT_ALAW_READ_AS_MULAW = 2,
    SIDETONE_FAULT_SWAPPED_OCTETS = 3,
    SIDETONE_FAULT_LINEAR_READ_AS_MULAW = 4,
    SIDETONE_FAULT_LINEAR_READ_AS_ALAW = 5,
    SIDETONE_FAULT_MULAW_READ_AS_LINEAR = 6,
    SIDETONE_FAULT_ALAW_READ_AS_LINEAR = 7,
    /* Speech sounds as if played at half, or twice, its speed. */
    SIDETONE_FAULT_SLOW_SPEECH = 8,
    SIDETONE_FAULT_FAST_SPEECH = 9,
    /* The bot was heard for long and the caller never was. */
    SIDETONE_FAULT_ONE_WAY_AUDIO = 10,
    /* The same sample again and again. */
    SIDETONE_FAULT_DEAD_AIR = 11,
    /* The line is overdriven; the line has a constant part. */
    SIDETONE_FAULT_CLIPPING = 12,
    SIDETONE_FAULT_OFFSET = 13
};

/* Why the caller was, or was not, taken to interrupt. Levels and gains are in dB. */
typedef struct sidetone_evidence {
    /* Where it began, and the end of the 8 ms that decided. */
    int64_t onset;
    int64_t decided;
    float near_level;
    float far_level;
    float echo_level;
    float residual_level;
    float floor_level;
    /* Milliseconds by which the echo follows what was sent, or -1 where it is not known. */
    float delay_ms;
    /* How sure that delay is, 0 to 1. */
    float lock;
    /* The negative echo return loss. */
    float return_gain;
    /* What has added up, what fires, and what the last 8 ms added. */
    float score;
    float threshold;
    float logit;
    /* 0 to 1. */
    float voicing;
    /* 1 when the evidence was enough. */
    int32_t fired;
    /* 1 when an echo canceller is at work. */
    int32_t canceller_active;
} sidetone_evidence;

/* A turn of the caller that has ended. */
typedef struct sidetone_turn {
    int64_t onset;
    /* The position after the last voiced sample. */
    int64_t last_voiced;
    /* When that was spoken by the stream's own clock, when it arrived, and when the silence
     * after it had lasted long enough. */
    int64_t spoken_ns;
    int64_t arrived_ns;
    int64_t confirmed_ns;
} sidetone_turn;

/* What the time from the caller's last word to the bot's first sample at the platform went on. The
 * stages follow on one another and add up to the total. */
typedef struct sidetone_turn_bill {
    uint32_t turn;
    uint32_t response;
    /* Spoken until arrived: the platform and the network. */
    int64_t arrival_ns;
    /* Arrived until confirmed: the silence that ends a turn. */
    int64_t endpoint_ns;
    /* Confirmed until the bot's first sample: its thinking. */
    int64_t bot_ns;
    /* Until that sample was handed out: Sidetone's own share. */
    int64_t playout_ns;
    int64_t total_ns;
} sidetone_turn_bill;

/* The account of one response, in samples at the platform's rate. */
typedef struct sidetone_account {
    uint32_t response;
    uint32_t generation;
    int64_t accepted;
    int64_t sent;
    int64_t heard;
    /* Sent, and dropped by the platform on a clear. */
    int64_t flushed;
    /* Sent, taken back before it was heard, and queued again. */
    int64_t returned;
    /* Dropped from the queue on a clear. */
    int64_t discarded;
    int32_t underruns;
    /* 1 when the platform has confirmed what was heard, 0 when it is estimated by the clock. */
    int32_t is_confirmed;
    int32_t was_cleared;
    /* 1 when nothing of this account changes any more. */
    int32_t is_final;
} sidetone_account;

/* Something that happened on a call. */
typedef struct sidetone_event {
    size_t struct_size;
    int32_t kind;
    uint32_t turn;
    uint32_t response;
    uint32_t generation;
    uint32_t interruption;
    int32_t fault;
    /* '0' to '9', '*', '#', 'A' to 'D'. */
    int32_t digit;
    int32_t was_heard;
    uint64_t mark;
    int64_t position;
    int64_t samples;
    int64_t time_ns;
    int64_t decided_ns;
    int64_t deadline_ns;
    int64_t duration_ns;
    sidetone_turn turn_end;
    sidetone_turn_bill bill;
    sidetone_account account;
    sidetone_evidence evidence;
} sidetone_event;

#endif
