// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Changes the sample rate of one mono stream.
///
/// Between 8, 16, 24 and 48 kHz it is a fixed polyphase filter of our own: flat within 0.1 dB to
/// 0.85 of half the lower rate, aliases and images at least 86 dB down from 1.075 of it on, under
/// 3.5 ms of delay. Any other ratio goes through libspeexdsp at quality 5; equal rates are copied.
///
/// Output follows input exactly: after n samples in, n times the ratio have come out, rounded down
/// (rounded up in speexdsp), so whole frames in give whole frames out from the first call. How
/// the stream is cut into calls makes no difference to any sample. The first ``delayCount`` samples
/// are the filter filling; ``flush(into:)`` returns as many from its tail.
///
/// Only `init` allocates. One thread at a time; instances share nothing that changes.
public struct Resampler: ~Copyable, Sendable {
    public let from: SampleRate
    public let to: SampleRate

    /// Samples of output by which audio comes out later than it went in.
    public let delayCount: Int

    private var ratio: SampleRatio
    // Neither is there when the rates are equal.
    private var polyphase: PolyphaseResampler?
    private var speex: SpeexResampler?

    /// - Precondition: ``supports(from:to:)``.
    public init(from: SampleRate, to: SampleRate) {
        precondition(Self.supports(from: from, to: to), "Rates too far apart to resample")
        self.from = from
        self.to = to
        if from == to {
            ratio = SampleRatio(from: from, to: to, roundsUp: false)
            delayCount = 0
        } else if let filter = PolyphaseFilter.filter(from: from, to: to) {
            let resampler = PolyphaseResampler(filter)
            ratio = SampleRatio(from: from, to: to, roundsUp: false)
            delayCount = resampler.delayCount
            polyphase = consume resampler
        } else {
            let resampler = SpeexResampler(from: from, to: to)
            ratio = SampleRatio(from: from, to: to, roundsUp: true)
            delayCount = resampler.delayCount
            speex = consume resampler
        }
    }

    /// Whether a resampler between these rates can be made: equal rates, or both within
    /// 4000...192,000 Hz, which bounds the memory of a filter to some hundred kilobytes.
    public static func supports(from: SampleRate, to: SampleRate) -> Bool {
        let range = 4000...192_000
        return from == to || (range.contains(from.hertz) && range.contains(to.hertz))
    }

    /// The exact number of samples that the next ``process(_:into:)`` writes for `inputCount`
    /// samples; it depends on what went before.
    public func outputCount(for inputCount: Int) -> Int {
        precondition(inputCount >= 0, "A count of samples is not negative")
        return ratio.outputCount(for: inputCount)
    }

    /// The most samples that ``process(_:into:)`` can write for `inputCount` samples, whatever went
    /// before: what to make room for at set-up.
    public static func maximumOutputCount(
        for inputCount: Int, from: SampleRate, to: SampleRate
    ) -> Int {
        precondition(inputCount >= 0, "A count of samples is not negative")
        return SampleRatio(from: from, to: to, roundsUp: true).outputCount(for: inputCount)
    }

    /// Resamples all of `input` into the start of `output`.
    ///
    /// - Precondition: `output` has room for ``outputCount(for:)``.
    /// - Returns: The samples written: ``outputCount(for:)``.
    @discardableResult
    public mutating func process(
        _ input: Span<Int16>, into output: inout MutableSpan<Int16>
    ) -> Int {
        let count = ratio.outputCount(for: input.count)
        let pending = ratio.position
        ratio.advance(by: input.count)
        if polyphase?.process(input, pending: pending, writing: count, into: &output) != nil {
            return count
        }
        if speex?.process(input, writing: count, into: &output) != nil {
            return count
        }
        precondition(output.count >= count, "The output has no room for the result")
        for index in 0..<count {
            output[index] = input[index]
        }
        return count
    }

    /// Time by which audio comes out later than it went in.
    public var delay: MediaDuration { to.duration(of: delayCount) }

    /// The number of samples that ``flush(into:)`` writes now.
    public var tailCount: Int { delayCount + ratio.partialCount }

    /// Writes what the filter still holds to the start of `output`, then starts anew.
    ///
    /// The stream has then made ``delayCount`` samples more than its length times the ratio, rounded
    /// up; without its first ``delayCount`` samples it lies exactly over its input.
    ///
    /// - Precondition: `output` has room for ``tailCount``.
    /// - Returns: The samples written: ``tailCount``.
    @discardableResult
    public mutating func flush(into output: inout MutableSpan<Int16>) -> Int {
        let count = tailCount
        precondition(output.count >= count, "The output has no room for the result")
        // One sample of silence at a time: 4 to 192 kHz makes at most 48 of it.
        let silence = InlineArray<1, Int16>(repeating: 0)
        var made = InlineArray<64, Int16>(repeating: 0)
        var written = 0
        while written < count {
            var block = made.mutableSpan
            let more = min(process(silence.span, into: &block), count - written)
            for index in 0..<more {
                output[written + index] = block[index]
            }
            written += more
        }
        reset()
        return count
    }

    /// Forgets the stream so far: the next sample is the first of a new one.
    public mutating func reset() {
        ratio.reset()
        polyphase?.reset()
        speex?.reset()
    }
}
