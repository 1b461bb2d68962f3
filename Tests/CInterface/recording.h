/* Sidetone
 * SPDX-License-Identifier: Apache-2.0
 *
 * Recorded audio for the programs of this folder: files of 16-bit samples, least significant byte
 * first, at 8 kHz. */
#ifndef RECORDING_H
#define RECORDING_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct recording {
    int16_t *samples;
    size_t count;
} recording;

static recording recording_read(const char *path) {
    recording read = {NULL, 0};
    FILE *file = fopen(path, "rb");
    long size;
    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) <= 0) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(2);
    }
    rewind(file);
    read.samples = (int16_t *)malloc((size_t)size);
    if (read.samples == NULL || fread(read.samples, 1, (size_t)size, file) != (size_t)size) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(2);
    }
    fclose(file);
    read.count = (size_t)size / 2;
    return read;
}

#endif
