// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore

/// Cuts the ingress of a call into blocks of 64 samples at 8 kHz, whatever its rate and chunking.
///
/// Allocates only in `init`. A rate that is not 8 kHz goes through ``Resampler``, whose delay (up
/// to 3.5 ms) stays in the blocks. Owned by one call's thread.
package struct AnalysisInput: ~Copyable {
    /// Ingress samples of a block: 8 ms.
    package let blockLength: Int
    /// Ingress samples of the block that has begun.
    package private(set) var pendingCount = 0
    /// The newest complete block, until the next one begins.
    package private(set) var samples = InlineArray<64, Int16>(repeating: 0)

    /// What has come of a block at another rate than 8 kHz.
    private var pending: [Int16]
    private var resampler: Resampler?

    /// Whether `rate` is a multiple of 8 kHz, so that a block of 8 ms ends with a sample of both.
    package static func supports(_ rate: SampleRate) -> Bool {
        rate.hertz % 8000 == 0 && Resampler.supports(from: rate, to: .hz8000)
    }

    /// - Precondition: `supports(rate)`.
    package init(rate: SampleRate) {
        precondition(Self.supports(rate), "Audio of this rate cannot be brought to 8 kHz blocks")
        blockLength = rate.hertz / 125
        pending = []
        if rate != .hz8000 {
            pending = Array(repeating: 0, count: blockLength)
            resampler = Resampler(from: rate, to: .hz8000)
        }
    }

    /// Samples that are still missing to complete the block that has begun, 1 or more.
    package var blockRemainder: Int { blockLength &- pendingCount }

    /// Writes the newest block, in units of 16-bit integers.
    ///
    /// Mutating in name only: else the compiler copies all of self for the call.
    package mutating func copyBlock(into block: inout InlineArray<64, Float>) {
        var span = block.mutableSpan
        SpectralKernels.convert(samples.span, into: &span)
    }

    /// Takes samples from the front of `samples` until a block is complete or they run out.
    /// - Returns: how many were taken, and whether a block is complete.
    package mutating func append(_ input: Span<Int16>) -> (count: Int, isComplete: Bool) {
        let count = min(input.count, blockRemainder)
        let offset = pendingCount
        if pending.isEmpty {
            var room = samples.mutableSpan
            Self.copy(input, count: count, to: &room, at: offset)
        } else {
            var room = pending.mutableSpan
            Self.copy(input, count: count, to: &room, at: offset)
        }
        pendingCount = offset &+ count
        guard pendingCount == blockLength else { return (count, false) }
        pendingCount = 0
        if !pending.isEmpty {
            convert()
        }
        return (count, true)
    }

    /// The shape of the newest complete block as it came in. Before the next sample only.
    mutating func measure() -> BlockShape {
        guard !pending.isEmpty else { return BlockShape(samples.span) }
        return BlockShape(pending.span)
    }

    /// Shows the newest complete block as it came in to `sentinel`. Before the next sample only.
    mutating func show(
        _ sentinel: inout StreamSentinel, _ shape: BlockShape, isVoiced: Bool, farIsHeard: Bool
    ) -> StreamFault? {
        guard !pending.isEmpty else {
            return sentinel.observe(
                samples.span, shape, isVoiced: isVoiced, farIsHeard: farIsHeard)
        }
        // Taken out for the moment: a span of a stored array would lock all of self.
        var whole: [Int16] = []
        swap(&whole, &pending)
        defer { swap(&whole, &pending) }
        return sentinel.observe(whole.span, shape, isVoiced: isVoiced, farIsHeard: farIsHeard)
    }

    /// Forgets what has begun: the next sample is the first of a new stream.
    package mutating func reset() {
        pendingCount = 0
        resampler?.reset()
    }

    private static func copy(
        _ input: Span<Int16>, count: Int, to room: inout MutableSpan<Int16>, at offset: Int
    ) {
        precondition(
            count <= input.count && offset >= 0 && offset + count <= room.count,
            "A block has its length")
        SpectralKernels.copy(input.extracting(first: count), to: &room, at: offset)
    }

    private mutating func convert() {
        // Taken out for the moment: a span of a stored array would lock all of self.
        var whole: [Int16] = []
        swap(&whole, &pending)
        var converted = samples.mutableSpan
        resampler?.process(whole.span, into: &converted)
        swap(&whole, &pending)
    }
}
