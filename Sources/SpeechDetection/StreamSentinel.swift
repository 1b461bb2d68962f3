// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// Watches a caller's stream for faults that are no caller's doing.
///
/// It looks at the samples as they were decoded, at the ingress rate. Each fault is told once per
/// episode and counted; an episode is over when its condition has been absent for some seconds.
/// A fault of the format explains the others, so while there is one they are not told. Owned by the
/// call's thread; allocates only in `init`; costs a tenth of a microsecond per block.
public struct StreamSentinel: Sendable {
    /// What the lengths below are counted in.
    private let rate: SampleRate
    private var confusion = CodecConfusion()
    private var tempo = SpeechTempo()
    private var counts = InlineArray<13, Int>(repeating: 0)
    private var active: Set = Set()
    private var pending: Set = Set()

    /// The judgement before.
    private var lastTempo: Float = 0
    /// Samples during which the bot was heard and the caller not yet.
    private var unanswered = 0
    private var voiced = 0
    private var constant = 0
    private var lastSample: Int16 = 0
    /// The window of offset and clipping.
    private var windowCount = 0
    private var windowSum = 0
    private var windowClipped = 0
    private var oddOffsets = 0

    /// Faults, one bit each.
    private struct Set: Hashable, Sendable {
        var bits = 0

        func contains(_ fault: StreamFault) -> Bool { bits & 1 << fault.number != 0 }
        mutating func insert(_ fault: StreamFault) { bits |= 1 << fault.number }
        mutating func remove(_ fault: StreamFault) { bits &= ~(1 << fault.number) }
        private static let confusions = 1 << StreamFault.confusions.count - 1
        var hasConfusion: Bool { bits & Self.confusions != 0 }
        mutating func removeConfusions() { bits &= ~Self.confusions }

        mutating func takeFirst() -> StreamFault? {
            guard bits != 0 else { return nil }
            let first = bits.trailingZeroBitCount
            bits &= bits - 1
            return StreamFault(number: first)
        }
    }

    /// - Parameter rate: the ingress rate.
    public init(rate: SampleRate) {
        self.rate = rate
        // Tables are made on first use: now.
        _ = StreamFault.offset.number
    }

    /// Episodes of `fault` so far.
    public func count(of fault: StreamFault) -> Int { counts[fault.number] }

    /// Takes the next block as it was decoded, 8 ms or so.
    /// - Parameters:
    ///   - isVoiced: whether the block counts as the caller's voice.
    ///   - farIsHeard: whether the caller is hearing the bot.
    /// - Returns: a fault whose episode has begun; when there are several, the others follow.
    public mutating func observe(
        _ samples: Span<Int16>, isVoiced: Bool, farIsHeard: Bool
    ) -> StreamFault? {
        guard samples.count > 2 else { return nil }
        return observe(
            samples, BlockShape(samples), isVoiced: isVoiced, farIsHeard: farIsHeard)
    }

    /// The same where the block's shape is known.
    mutating func observe(
        _ samples: Span<Int16>, _ shape: BlockShape, isVoiced: Bool, farIsHeard: Bool
    ) -> StreamFault? {
        observeFormat(samples, shape)
        observeTempo(samples, shape, isVoiced)
        observeConnection(samples, shape, isVoiced, farIsHeard)
        observeLevels(samples.count, shape)
        return pending.takeFirst()
    }

    private mutating func begin(_ fault: StreamFault) {
        guard !active.contains(fault) else { return }
        let isConfusion = fault.number < StreamFault.confusions.count
        guard isConfusion || !confusion.isLikely else { return }
        active.insert(fault)
        pending.insert(fault)
        counts[fault.number] += 1
    }

    private mutating func observeFormat(_ samples: Span<Int16>, _ shape: BlockShape) {
        if let fault = confusion.observe(samples, shape) {
            begin(fault)
        } else if active.hasConfusion, confusion.isOver {
            active.removeConfusions()
        }
    }

    private mutating func observeTempo(
        _ samples: Span<Int16>, _ shape: BlockShape, _ isVoiced: Bool
    ) {
        // Mean square of -55 dBov: below it the codec's steps are what is measured.
        guard isVoiced, shape.power > 3400, rate == .hz8000 || rate == .hz16000 else { return }
        guard let judgement = tempo.observe(shape) else { return }
        let fault = rate == .hz8000 ? StreamFault.slowSpeech : .fastSpeech
        // Two judgements together: four seconds of voice.
        let both = (judgement + lastTempo) * (rate == .hz8000 ? 0.5 : -0.5)
        lastTempo = judgement
        if both > (rate == .hz8000 ? 3.7 : 5.5) {
            begin(fault)
        } else if both < -2 {
            active.remove(fault)
        }
    }

    private mutating func observeConnection(
        _ samples: Span<Int16>, _ shape: BlockShape, _ isVoiced: Bool, _ farIsHeard: Bool
    ) {
        if isVoiced { voiced += samples.count }
        // A click or two is nobody; 0.2 s is.
        if voiced >= rate.hertz / 5 {
            unanswered = 0
            active.remove(.oneWayAudio)
        } else if farIsHeard {
            unanswered += samples.count
            if unanswered >= rate.hertz * 30 { begin(.oneWayAudio) }
        }
        let isConstant = shape.least == shape.most && (constant == 0 || lastSample == shape.least)
        constant = isConstant ? constant + samples.count : 0
        lastSample = shape.most
        if constant >= rate.hertz * 5 {
            begin(.deadAir)
        } else if constant == 0 {
            active.remove(.deadAir)
        }
    }

    private mutating func observeLevels(_ count: Int, _ shape: BlockShape) {
        windowCount += count
        windowSum += shape.sum
        windowClipped += shape.clipped
        guard windowCount >= rate.hertz * 2 else { return }
        // More than 0.5 % of two seconds: now and then a loud syllable touches the limit.
        if windowClipped * 200 > windowCount {
            begin(.clipping)
        } else if windowClipped == 0 {
            active.remove(.clipping)
        }
        // -36 dBov, for four seconds.
        let isOff = abs(windowSum / windowCount) >= 520
        oddOffsets = isOff ? oddOffsets + 1 : 0
        if oddOffsets == 2 {
            begin(.offset)
        } else if oddOffsets == 0 {
            active.remove(.offset)
        }
        windowCount = 0
        windowSum = 0
        windowClipped = 0
    }
}
