// Sidetone
// SPDX-License-Identifier: Apache-2.0

import CSpeexReference

/// libspeexdsp's resampler at quality 5, the one to beat. No pointer leaves it: hence `@safe`.
@safe
final class SpeexReference {
    private let state: OpaquePointer

    init(from: Int, to: Int) {
        var code: Int32 = 0
        guard let made = unsafe speex_resampler_init(1, UInt32(from), UInt32(to), 5, &code) else {
            fatalError("libspeexdsp refuses \(from) to \(to) Hz: \(code)")
        }
        unsafe state = made
    }

    deinit {
        // Made by init, destroyed once.
        unsafe speex_resampler_destroy(state)
    }

    func process(_ input: [Int16], into output: inout [Int16]) {
        var taken = UInt32(input.count)
        var written = UInt32(output.count)
        // Both counts are passed, so the library stays inside both arrays.
        _ = unsafe speex_resampler_process_int(state, 0, input, &taken, &output, &written)
    }
}
