// Sidetone
// SPDX-License-Identifier: Apache-2.0

// What load generators measure with; the one for WebSocket uses it as well.

#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Round trips and latenesses in nanoseconds, for percentiles.
struct samples {
    uint32_t *values;
    size_t count, capacity;
};

int64_t clock_now(void);

void samples_add(struct samples *samples, int64_t value);
// Sorts; 0 when there are none.
double samples_percentile_us(struct samples *samples, double percent);

// Seconds of processor time a process has used so far, all threads; negative when it is gone.
double process_seconds(pid_t process);
