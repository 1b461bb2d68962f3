/* Sidetone
 * SPDX-License-Identifier: Apache-2.0
 *
 * The barge-in detector over a recorded call, in the form of `sidetone hear`: hear NEAR FAR */
#include "recording.h"
#include "sidetone.h"

#include <string.h>

enum { BLOCK = 64, LONGEST_PAUSE = 250 };

/* Times of one kind, in milliseconds. */
typedef struct times {
    double *at;
    size_t count;
} times;

static void note(times *list, int64_t position) {
    list->at = (double *)realloc(list->at, (list->count + 1) * sizeof *list->at);
    if (list->at == NULL) exit(2);
    list->at[list->count++] = (double)position / 8.0;
}

static void print_times(const char *name, times list) {
    size_t index;
    printf("\"%s\": [", name);
    for (index = 0; index < list.count; index++) {
        printf("%s%.17g", index > 0 ? ", " : "", list.at[index]);
    }
    printf("], ");
    free(list.at);
}

/* Whether the bot is heard in the block that begins at `start`. */
static int is_heard(recording far_side, size_t start) {
    size_t index;
    for (index = start; index < start + BLOCK && index < far_side.count; index++) {
        if (abs(far_side.samples[index]) > 8) return 1;
    }
    return 0;
}

int main(int count, char **arguments) {
    sidetone_detector_config config;
    sidetone_detector detector = 0;
    sidetone_decision decision;
    times fired = {NULL, 0}, paused = {NULL, 0}, ended = {NULL, 0};
    recording near_side, far_side;
    int16_t *heard;
    size_t offset = 0;
    int since_heard = LONGEST_PAUSE, is_first = 1;
    if (count != 3) {
        fprintf(stderr, "usage: hear NEAR FAR\n");
        return 2;
    }
    near_side = recording_read(arguments[1]);
    far_side = recording_read(arguments[2]);
    heard = (int16_t *)calloc(near_side.count, sizeof *heard);
    if (heard == NULL) return 2;
    memcpy(heard, far_side.samples,
           (far_side.count < near_side.count ? far_side.count : near_side.count) * sizeof *heard);
    memset(&config, 0, sizeof config);
    config.struct_size = sizeof config;
    decision.struct_size = sizeof decision;
    if (sidetone_barge_in_detector_open(&config, &detector) != SIDETONE_OK) return 1;

    printf("{\"active\": [");
    while (offset < near_side.count) {
        size_t taken = 0;
        int heard_now = is_heard(far_side, offset / BLOCK * BLOCK);
        sidetone_status status = sidetone_barge_in_detector_process(
            detector, near_side.samples + offset, heard + offset, near_side.count - offset,
            heard_now || since_heard < LONGEST_PAUSE, &taken, &decision);
        offset += taken;
        if (status != SIDETONE_OK) break;
        since_heard = heard_now ? 0 : since_heard + 1;
        printf("%s%d", is_first ? "" : ", ", decision.is_voiced);
        is_first = 0;
        if (decision.has_evidence && decision.evidence.fired) note(&fired, decision.end);
        if (decision.change == SIDETONE_SPEECH_PAUSED) note(&paused, decision.end);
        if (decision.change == SIDETONE_SPEECH_ENDED) note(&ended, decision.end);
    }
    printf("], ");
    print_times("fired_ms", fired);
    print_times("paused_ms", paused);
    print_times("ended_ms", ended);
    printf("\"hop_ms\": 8}\n");
    free(heard);
    free(near_side.samples);
    free(far_side.samples);
    return sidetone_detector_close(detector) == SIDETONE_OK ? 0 : 1;
}
