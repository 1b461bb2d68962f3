// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CSpeexDSP

/// One stream through libspeexdsp at quality 5: the boundary to that library.
///
/// It may move between threads: the handle belongs to this value alone, cannot be copied out of it,
/// and libspeexdsp keeps no state beside it.
@safe
struct SpeexResampler: ~Copyable, @unchecked Sendable {
    private let handle: OpaquePointer
    /// Delay in samples of the output.
    let delayCount: Int

    init(from: SampleRate, to: SampleRate) {
        var status: Int32 = 0
        // One channel; nil only when memory is short, as the rates are within its range.
        let made = unsafe speex_resampler_init(
            1, UInt32(from.hertz), UInt32(to.hertz), Self.quality, &status)
        guard let made = unsafe made else {
            preconditionFailure("libspeexdsp could not make a resampler: status \(status)")
        }
        unsafe handle = made
        // Reads fields of the handle just made.
        delayCount = Int(unsafe speex_resampler_get_output_latency(made))
    }

    deinit {
        // The handle is ours and no longer used.
        unsafe speex_resampler_destroy(handle)
    }

    private static let quality: Int32 = 5

    /// Filters all of `input` and writes the `count` samples that are due.
    ///
    /// libspeexdsp makes output n as soon as input n * down / up, rounded down, has come: the count
    /// rounds up.
    mutating func process(
        _ input: Span<Int16>, writing count: Int, into output: inout MutableSpan<Int16>
    ) {
        precondition(output.count >= count, "The output has no room for the result")
        precondition(input.count <= Int(Int32.max), "Too many samples for one call")
        var consumed = UInt32(input.count)
        var written = UInt32(count)
        // Both counts are in and out: at most so many samples are read and written.
        unsafe input.withUnsafeBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                unsafe _ = speex_resampler_process_int(handle, 0, from, &consumed, to, &written)
            }
        }
        precondition(
            consumed == input.count && written == count, "libspeexdsp lost count of its samples")
    }

    mutating func reset() {
        // Clears history and phase, keeps the filter.
        unsafe _ = speex_resampler_reset_mem(handle)
    }
}
