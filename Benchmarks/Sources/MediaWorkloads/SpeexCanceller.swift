// Sidetone
// SPDX-License-Identifier: Apache-2.0

import CSpeexReference

/// libspeexdsp's echo canceller with a tail of 64 ms at 8 kHz, frames of 20 ms: what hearing under
/// echo costs elsewhere. No pointer leaves it: hence `@safe`.
@safe
final class SpeexCanceller {
    private let state: OpaquePointer

    init() {
        guard let made = unsafe speex_echo_state_init(160, 512) else {
            fatalError("libspeexdsp makes no canceller")
        }
        unsafe state = made
    }

    deinit {
        // Made by init, destroyed once.
        unsafe speex_echo_state_destroy(state)
    }

    /// All three hold 160 samples.
    func cancel(_ near: [Int16], far: [Int16], into output: inout [Int16]) {
        precondition(near.count == 160 && far.count == 160 && output.count == 160)
        // The library reads and writes a frame of each, which they have.
        unsafe speex_echo_cancellation(state, near, far, &output)
    }
}
