// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CSpeexDSP

/// One stream through libspeexdsp at quality 5: the boundary to that library, and the oracle our own
/// filters are tested against.
///
/// It may move between threads: the handle belongs to this value alone, cannot be copied out of it,
/// and libspeexdsp keeps no state beside it.
@safe
package struct SpeexResampler: ~Copyable, @unchecked Sendable {
    private let handle: OpaquePointer
    /// Delay in samples of the output.
    package let delayCount: Int

    package init(from: SampleRate, to: SampleRate) {
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
    package mutating func process(
        _ input: Span<Int16>, writing count: Int, into output: inout MutableSpan<Int16>
    ) {
        precondition(output.count >= count, "The output has no room for the result")
        precondition(input.count <= Int(Int32.max), "Too many samples for one call")
        var consumed = UInt32(input.count)
        var written = UInt32(count)
        var spare: Int16 = 0
        var spareCount: UInt32 = 1
        // Counts are in and out: at most so many samples are read and written. The library stops
        // reading when its output is full; inputs that make no further output go in by a second
        // call with a place to spare.
        unsafe input.withUnsafeBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                guard let from = source.baseAddress else { return }
                if count > 0, let to = target.baseAddress {
                    unsafe _ = speex_resampler_process_int(
                        handle, 0, from, &consumed, to, &written)
                } else {
                    consumed = 0
                }
                var rest = UInt32(source.count) - consumed
                if rest > 0 {
                    unsafe _ = speex_resampler_process_int(
                        handle, 0, from + Int(consumed), &rest, &spare, &spareCount)
                    consumed += rest
                } else {
                    spareCount = 0
                }
            }
        }
        precondition(
            input.count == 0
                || (consumed == input.count && written == count && spareCount == 0),
            "libspeexdsp lost count of its samples")
    }

    package mutating func reset() {
        // Clears history and phase, keeps the filter.
        unsafe _ = speex_resampler_reset_mem(handle)
    }
}
