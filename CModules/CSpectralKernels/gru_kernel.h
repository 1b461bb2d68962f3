// Sidetone
// SPDX-License-Identifier: Apache-2.0

// The inner loop of the recurrent unit, included once for each build. The including file defines
//   KERNEL(name)   the name of a function of this build
//   TARGET         its attributes
// and, on x86-64 with AVX2, KERNEL_AVX2.

#include "../CKernels/multiply_add_pairs.h"

TARGET static inline void KERNEL(accumulate)(
    const int16_t *rows, const int16_t *values, size_t pairs, i32x8 *first, i32x8 *second,
    i32x8 *third) {
    i32x8 sums[3 * VECTORS];
    for (int v = 0; v < VECTORS; v += 1) {
        sums[v] = first[v];
        sums[v + VECTORS] = second[v];
        sums[v + 2 * VECTORS] = third[v];
    }
    for (size_t pair = 0; pair < pairs; pair += 1) {
        int32_t both;
        memcpy(&both, values + 2 * pair, sizeof(both));
        i16x16 x = (i16x16)((i32x8){} + both);
        for (int v = 0; v < 3 * VECTORS; v += 1) {
            i16x16 row;
            memcpy(&row, rows + 16 * v, sizeof(row));
            sums[v] += MULTIPLY_ADD_PAIRS(row, x);
        }
        rows += 6 * SK_GRU_UNITS;
    }
    for (int v = 0; v < VECTORS; v += 1) {
        first[v] = sums[v];
        second[v] = sums[v + VECTORS];
        third[v] = sums[v + 2 * VECTORS];
    }
}
