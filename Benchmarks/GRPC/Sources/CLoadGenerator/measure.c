// Sidetone
// SPDX-License-Identifier: Apache-2.0

#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int64_t clock_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void samples_add(struct samples *samples, int64_t value) {
    if (samples->count == samples->capacity) {
        samples->capacity = samples->capacity ? 2 * samples->capacity : 1 << 16;
        samples->values = realloc(samples->values, samples->capacity * sizeof(uint32_t));
        if (samples->values == NULL) abort();
    }
    samples->values[samples->count++]
        = value < 0 ? 0 : value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static int compare(const void *left, const void *right) {
    uint32_t first = *(const uint32_t *)left, second = *(const uint32_t *)right;
    return (first > second) - (first < second);
}

double samples_percentile_us(struct samples *samples, double percent) {
    if (samples->count == 0) return 0;
    qsort(samples->values, samples->count, sizeof(uint32_t), compare);
    return samples->values[(size_t)(percent / 100 * (double)(samples->count - 1))] / 1000.0;
}

double process_seconds(pid_t process) {
    char path[64], text[1024];
    snprintf(path, sizeof(path), "/proc/%d/stat", process);
    FILE *file = fopen(path, "r");
    if (file == NULL) return -1;
    size_t count = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[count] = 0;
    // The second field is a name in parentheses, which may hold blanks.
    const char *rest = strrchr(text, ')');
    unsigned long user = 0, system = 0;
    if (rest == NULL
        || sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        return -1;
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}
