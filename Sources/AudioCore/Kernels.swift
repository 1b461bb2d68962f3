// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CKernels

// The boundary to CKernels: the only file that calls it. Each function states the relation of the
// counts once and lends the spans' memory to the kernel for the length of the call.

enum Kernels {
    private static let noRoom = "The output has no room for the result"

    /// Decodes `count` samples of `encoding` that start `stride` bytes apart, the first one at the
    /// start of `bytes`.
    static func decode(
        _ bytes: RawSpan, as encoding: AudioEncoding, stride: Int, count: Int,
        into samples: inout MutableSpan<Int16>
    ) {
        guard count > 0 else { return }
        let width = encoding.bytesPerSample
        precondition(bytes.byteCount >= (count - 1) * stride + width, "Too few bytes to decode")
        precondition(samples.count >= count, Self.noRoom)
        // The kernels read `count` samples of `width` bytes at that stride and write `count`
        // samples, which both views have.
        unsafe bytes.withUnsafeBytes { source in
            unsafe samples.withUnsafeMutableBufferPointer { target in
                guard let start = source.baseAddress, let to = target.baseAddress else { return }
                let from = unsafe start.assumingMemoryBound(to: UInt8.self)
                switch encoding {
                case .pcmu: unsafe ck_mulaw_decode(from, stride, to, count)
                case .pcma: unsafe ck_alaw_decode(from, stride, to, count)
                case .linear16LittleEndian:
                    unsafe ck_linear_decode(from, stride, to, count, false)
                case .linear16BigEndian:
                    unsafe ck_linear_decode(from, stride, to, count, true)
                }
            }
        }
    }

    /// Encodes all of `samples` to the start of `bytes`.
    static func encode(
        _ samples: Span<Int16>, as encoding: AudioEncoding, into bytes: inout MutableRawSpan
    ) {
        let count = samples.count
        precondition(bytes.byteCount >= count * encoding.bytesPerSample, Self.noRoom)
        // The kernels read `count` samples and write as many of the encoding's width, which both
        // views have.
        unsafe samples.withUnsafeBufferPointer { source in
            unsafe bytes.withUnsafeMutableBytes { target in
                guard let from = source.baseAddress, let start = target.baseAddress else { return }
                let to = unsafe start.assumingMemoryBound(to: UInt8.self)
                switch encoding {
                case .pcmu: unsafe ck_mulaw_encode(from, to, count)
                case .pcma: unsafe ck_alaw_encode(from, to, count)
                case .linear16LittleEndian: unsafe ck_linear_encode(from, to, count, false)
                case .linear16BigEndian: unsafe ck_linear_encode(from, to, count, true)
                }
            }
        }
    }

    static func gain(
        _ samples: inout MutableSpan<Int16>, count: Int, from gain: Float, step: Float
    ) {
        precondition((0...samples.count).contains(count), "Too few samples")
        // The kernel stays within `count` samples.
        unsafe samples.withUnsafeMutableBufferPointer { target in
            guard let start = target.baseAddress else { return }
            unsafe ck_gain_linear(start, count, gain, step)
        }
    }

    static func smoothGain(
        _ samples: inout MutableSpan<Int16>, count: Int, from start: Float, step: Float
    ) {
        precondition((0...samples.count).contains(count), "Too few samples")
        // The kernel stays within `count` samples.
        unsafe samples.withUnsafeMutableBufferPointer { target in
            guard let first = target.baseAddress else { return }
            unsafe ck_gain_smooth(first, count, start, step)
        }
    }

    /// Runs `filter` over all of `input` and returns the samples written.
    static func filter(
        _ filter: PolyphaseFilter, history: inout MutableSpan<Int16>, pending: Int,
        _ input: Span<Int16>, into output: inout MutableSpan<Int16>
    ) -> Int {
        precondition(history.count >= filter.historyCount, "History of another filter")
        let count = filter.outputCount(for: input.count, pending: pending)
        precondition(output.count >= count, Self.noRoom)
        let inputCount = input.count
        // The kernel reads the coefficients the filter was built with, keeps within the history
        // (checked above), reads all of `input` and writes `count` samples (checked above).
        return unsafe filter.fine.withUnsafeBufferPointer { fine in
            unsafe filter.coarse.withUnsafeBufferPointer { coarse in
                unsafe history.withUnsafeMutableBufferPointer { history in
                    unsafe input.withUnsafeBufferPointer { source in
                        unsafe output.withUnsafeMutableBufferPointer { target in
                            guard let from = source.baseAddress, let to = target.baseAddress
                            else { return 0 }
                            var plan = unsafe ck_polyphase(
                                fine: fine.baseAddress, coarse: coarse.baseAddress,
                                up: UInt32(filter.up), down: UInt32(filter.down),
                                taps: UInt32(filter.taps),
                                coarse_first: UInt32(filter.coarseFirst),
                                coarse_taps: UInt32(filter.coarseTaps),
                                fine_shift: UInt32(filter.fineShift))
                            return unsafe ck_polyphase_run(
                                &plan, history.baseAddress, pending, from, inputCount, to)
                        }
                    }
                }
            }
        }
    }
}
