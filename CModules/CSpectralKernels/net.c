// Sidetone
// SPDX-License-Identifier: Apache-2.0

#include "CSpectralKernels.h"
#include "lanes.h"

/// Sums of `vectors` times eight hidden units from unit `first` on. Even and odd inputs are summed
/// apart: one chain of additions would wait for itself.
CK_INLINE f32x8 hidden_units(
    const sk_net *net, const float *inputs, size_t first, int vectors) {
    f32x8 even[4], odd[4];
    for (int v = 0; v < vectors; v += 1) {
        even[v] = load(net->bias + first + 8 * v);
        odd[v] = (f32x8){};
    }
    const float *row = net->weights + first;
    for (size_t input = 0; input < net->inputs; input += 2) {
        f32x8 x = (f32x8){} + inputs[input];
        f32x8 y = (f32x8){} + inputs[input + 1];
        const float *next = row + net->hidden;
        for (int v = 0; v < vectors; v += 1) {
            even[v] += x * load(row + 8 * v);
            odd[v] += y * load(next + 8 * v);
        }
        row = next + net->hidden;
    }
    f32x8 sum = {};
    for (int v = 0; v < vectors; v += 1) {
        sum += squashed(even[v] + odd[v]) * load(net->output + first + 8 * v);
    }
    return sum;
}

CK_INLINE void sk_net_run_body(const sk_net *net, const float *inputs, float *output) {
    f32x8 sum = {};
    size_t first = 0;
    for (; first + 32 <= net->hidden; first += 32) {
        sum += hidden_units(net, inputs, first, 4);
    }
    if (first + 24 == net->hidden) {
        sum += hidden_units(net, inputs, first, 3);
    } else if (first + 16 == net->hidden) {
        sum += hidden_units(net, inputs, first, 2);
    } else if (first + 8 == net->hidden) {
        sum += hidden_units(net, inputs, first, 1);
    }
    *output = sum_of_lanes(sum) + net->output_bias;
}

CK_DISPATCH(
    sk_net_run, (const sk_net *net, const float *inputs, float *output), (net, inputs, output))
