// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CSpectralKernels

// The part of the boundary to CSpectralKernels that treats 16-bit samples.

extension SpectralKernels {
    /// Sums of a stretch of samples and of its differences; belongs to `BlockShape`.
    static func shape(of samples: Span<Int16>) -> sk_shape {
        precondition((1...65_535).contains(samples.count), "A shape is one of samples")
        var shape = sk_shape()
        // The kernel reads `count` samples (checked above).
        unsafe samples.withUnsafeBufferPointer { samples in
            guard let first = samples.baseAddress else { return }
            unsafe sk_measure_shape(first, samples.count, &shape)
        }
        return shape
    }

    /// Whether a sample lies beyond `limit` on either side.
    static func exceeds(_ samples: Span<Int16>, limit: Int16) -> Bool {
        var result = false
        // The kernel reads `count` samples.
        unsafe samples.withUnsafeBufferPointer { samples in
            guard let first = samples.baseAddress else { return }
            unsafe sk_exceeds(first, samples.count, limit, &result)
        }
        return result
    }

    /// Moves the window of tones on by a block and returns the block's sum of squares, each sample
    /// shifted by 3 bits.
    static func advance(
        _ window: inout InlineArray<128, Int16>, by block: Span<Int16>
    ) -> Int32 {
        precondition(block.count == RealFFT.blockLength, "Tones are found in blocks of 8 ms")
        var energy: Int32 = 0
        var window = window.mutableSpan
        // The kernel reads 64 samples (checked above) and changes 128, which the type has.
        unsafe block.withUnsafeBufferPointer { block in
            unsafe window.withUnsafeMutableBufferPointer { window in
                unsafe sk_tone_window(window.baseAddress, block.baseAddress, &energy)
            }
        }
        return energy
    }

    /// Asks for `value` to be brought near while other work is done: among thousands of calls it is in
    /// no cache when it is needed.
    static func fetch<Value: ~Copyable>(_ value: inout Value) {
        // The kernel reads nothing, it names addresses within the value.
        unsafe withUnsafePointer(to: &value) { value in
            unsafe sk_fetch(value, MemoryLayout<Value>.size)
        }
    }

    /// The same with the elements of an array.
    static func fetch<Element: BitwiseCopyable>(elementsOf array: inout [Element]) {
        unsafe array.withUnsafeBytes { elements in
            unsafe sk_fetch(elements.baseAddress, elements.count)
        }
    }

    /// Copies `samples` to `target` from place `start` on.
    static func copy(_ samples: Span<Int16>, to target: inout MutableSpan<Int16>, at start: Int) {
        let count = samples.count
        precondition(start >= 0 && start + count <= target.count, "No room for the samples")
        // As many samples are copied as both have (checked above).
        unsafe samples.withUnsafeBufferPointer { samples in
            unsafe target.withUnsafeMutableBufferPointer { target in
                guard let first = samples.baseAddress, let room = target.baseAddress else { return }
                unsafe (room + start).update(from: first, count: count)
            }
        }
    }

    /// Copies a block.
    static func copy(_ block: Span<Float>, to target: inout MutableSpan<Float>) {
        let count = block.count
        precondition(target.count == count, "A block has its length")
        // Both have as many samples (checked above).
        unsafe block.withUnsafeBufferPointer { block in
            unsafe target.withUnsafeMutableBufferPointer { target in
                guard let first = block.baseAddress, let room = target.baseAddress else { return }
                unsafe room.update(from: first, count: count)
            }
        }
    }
}
