/* Sidetone
 * SPDX-License-Identifier: Apache-2.0
 *
 * Hosts that break the thread rules: several threads on one engine, and one that closes under
 * them. */
#define _POSIX_C_SOURCE 200809L

#include "sidetone.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 200000, THREADS = 3 };

static sidetone_engine engine;
static sidetone_call calls[THREADS];

static void *run(void *argument) {
    const sidetone_call call = *(const sidetone_call *)argument;
    uint8_t audio[160];
    long busy = 0;
    int round;
    memset(audio, 0xff, sizeof audio);
    for (round = 0; round < ROUNDS; round++) {
        sidetone_status status = round % 16 == 0
            ? sidetone_call_push_caller_audio(call, audio, sizeof audio) : sidetone_call_tick(call);
        if (status == SIDETONE_CLOSED) break;
        if (status == SIDETONE_BUSY) busy++;
        else if (status != SIDETONE_OK) {
            fprintf(stderr, "%s\n", sidetone_status_text(status));
            exit(1);
        }
    }
    return (void *)busy;
}

int main(void) {
    pthread_t threads[THREADS];
    void *result;
    long busy = 0;
    int index;
    sidetone_status status;
    if (sidetone_engine_create(NULL, &engine) != SIDETONE_OK) return 1;
    for (index = 0; index < THREADS; index++) {
        if (sidetone_call_open(engine, NULL, &calls[index]) != SIDETONE_OK) return 1;
    }
    for (index = 0; index < THREADS; index++) {
        if (pthread_create(&threads[index], NULL, run, &calls[index]) != 0) return 1;
    }
    /* The first to finish is waited for, then everything is closed under the others. */
    pthread_join(threads[0], &result);
    busy += (long)result;
    do {
        status = sidetone_engine_close(engine);
    } while (status == SIDETONE_BUSY);
    for (index = 1; index < THREADS; index++) {
        pthread_join(threads[index], &result);
        busy += (long)result;
    }
    printf("%ld calls found the engine busy\n", busy);
    return status == SIDETONE_OK && sidetone_call_tick(calls[1]) == SIDETONE_CLOSED ? 0 : 1;
}
