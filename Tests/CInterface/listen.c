/* Sidetone
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the listening examples in other languages do, in C: listen CALLER.raw BOT.raw */
#include "recording.h"
#include "sidetone.h"

#include <string.h>

static const char *const kinds[] = {
    "", "speech_started", "speech_paused", "speech_resumed", "turn_ended", "turn_answered",
    "barge_in", "interruption", "interruption_vetoed", "barge_in_held", "digit", "stream_fault",
    "response_started", "response_sent", "response_ended", "mark", "underrun", "media_stalled",
    "media_resumed", "timeline_jumped", "playout_writable",
};

static int64_t virtual_now = 1000000000;

static int64_t read_clock(void *context) { return *(int64_t *)context; }

static void tell(sidetone_call call) {
    sidetone_event event;
    event.struct_size = sizeof event;
    while (sidetone_call_poll_event(call, &event) == SIDETONE_OK) {
        printf("%s %.3f\n", kinds[event.kind], (double)event.position / 8000);
    }
}

int main(int count, char **arguments) {
    sidetone_engine_config settings;
    sidetone_call_config config;
    sidetone_engine engine = 0;
    sidetone_call call = 0;
    sidetone_packet packet;
    recording caller, bot;
    uint32_t response = 0, generation;
    uint8_t bytes[320];
    int16_t samples[4800];
    size_t offset, length;
    int half;
    if (count != 3) return 2;
    caller = recording_read(arguments[1]);
    bot = recording_read(arguments[2]);
    memset(&settings, 0, sizeof settings);
    settings.struct_size = sizeof settings;
    settings.max_calls = 1;
    settings.clock = read_clock;
    settings.clock_context = &virtual_now;
    memset(&config, 0, sizeof config);
    config.struct_size = sizeof config;
    config.from_platform.encoding = SIDETONE_L16_LITTLE_ENDIAN;
    packet.struct_size = sizeof packet;
    if (sidetone_engine_create(&settings, &engine) != SIDETONE_OK) return 1;
    if (sidetone_call_open(engine, &config, &call) != SIDETONE_OK) return 1;
    sidetone_call_begin_response(call, 1, &response);
    sidetone_call_push_bot_audio(call, response, bot.samples, bot.count, NULL);
    sidetone_call_end_response(call, response);
    for (offset = 0; offset < caller.count; offset += length) {
        length = caller.count - offset < 160 ? caller.count - offset : 160;
        for (half = 0; half < 2; half++) {
            virtual_now += 10000000;
            sidetone_call_tick(call);
            sidetone_call_take_flush(call, &generation);
            while (sidetone_call_pull_platform_audio(call, bytes, sizeof bytes, &packet)
                   == SIDETONE_OK) {
            }
            tell(call);
        }
        sidetone_call_push_caller_audio(call, caller.samples + offset, length * 2);
        while (sidetone_call_pull_caller_audio(call, samples, 4800, &length) == SIDETONE_OK) {}
        length = caller.count - offset < 160 ? caller.count - offset : 160;
        tell(call);
    }
    free(caller.samples);
    free(bot.samples);
    return sidetone_engine_close(engine) == SIDETONE_OK ? 0 : 1;
}
