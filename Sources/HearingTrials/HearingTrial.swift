// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import SpeechDetection

/// A detector run over recorded audio: what it decided, and what it saw in every block.
///
/// The same detector as on a live call, fed with both sides of a recording on one clock. Deterministic;
/// costs some microseconds for each 8 ms of audio.
public struct HearingTrial: Sendable {
    /// Why a recording cannot be listened to.
    public enum Fault: Error, Hashable, CustomStringConvertible {
        case rate(SampleRate)
        case rates(near: SampleRate, far: SampleRate)

        public var description: String {
            switch self {
            case .rate(let rate): "\(rate.hertz) Hz: the detector takes 8000 and 16000"
            case .rates(let near, let far):
                "the two sides differ: \(near.hertz) Hz near, \(far.hertz) Hz far"
            }
        }
    }

    private let profile: HearingProfile
    private let ablation: BargeInAblation
    /// Samples given to the detector at once; what it decides does not depend on it.
    private static let packet = MediaDuration.milliseconds(20)
    /// Silence that a prompt may have inside: there is something to interrupt then.
    public var longestPause = MediaDuration.milliseconds(2000)

    /// Parts of the detector that an evaluation may leave out, to tell what they are worth.
    public static let parts = ["levels-only", "single-delay", "fixed-gain", "linear-score"]

    /// - Parameter part: one of ``parts`` to leave out; nil for the whole detector.
    public init(profile: HearingProfile, without part: String? = nil) {
        self.profile = profile
        ablation =
            Self.parts.firstIndex { $0 == part }.map { BargeInAblation(rawValue: 1 << $0) }
            ?? []
    }

    /// Listens to a call.
    /// - Parameters:
    ///   - near: the caller's side, 8 or 16 kHz.
    ///   - far: what the caller was played meanwhile, at the same rate; nil when nothing was.
    /// - Throws: ``Fault``, when the detector does not take the rate.
    public func run(near: AudioClip, far: AudioClip?) throws(Fault) -> HearingRecord {
        guard near.rate == .hz8000 || near.rate == .hz16000 else { throw .rate(near.rate) }
        if let far, far.rate != near.rate { throw .rates(near: near.rate, far: far.rate) }
        let reference = FarEnd(far)
        var record = HearingRecord(rate: near.rate)
        var detector = SpeechDetector(
            rate: near.rate, profile: profile, cancellers: EchoCancellerPool(capacity: 1),
            ablation: ablation)
        let packet = near.rate.samples(in: Self.packet)
        var offset = 0
        var index = 0
        let longestPause = SampleRate.hz8000.samples(in: longestPause) / FarEnd.blockLength
        var sinceFar = longestPause
        var isOpen = false
        while offset < near.samples.count {
            let end = min(near.samples.count, (offset / packet + 1) * packet)
            let block = reference.block(index, delayedBy: detector.farEndOffset)
            // A line has no audio before it is open, whatever a recording has in its place.
            isOpen = isOpen || near.samples[offset..<end].contains { $0 != 0 }
            let heard = block.span.extracting(0..<(isOpen ? block.count : 0))
            let (count, decision) = detector.consume(
                near.samples.span.extracting(offset..<end), far: heard,
                mayInterrupt: isOpen && (!block.isEmpty || sinceFar < longestPause))
            offset += count
            guard let decision else { continue }
            sinceFar = block.isEmpty ? sinceFar + 1 : 0
            index += 1
            record.append(decision, state: detector.evidence)
        }
        return record
    }
}

/// The far side of a recording at 8 kHz, in the detector's blocks.
private struct FarEnd {
    static let blockLength = 64
    /// Samples below this are the silence between prompts: nothing was heard.
    private let samples: [Int16]

    init(_ clip: AudioClip?) {
        guard let clip else {
            samples = []
            return
        }
        guard clip.rate != .hz8000 else {
            samples = clip.samples
            return
        }
        var resampler = Resampler(from: clip.rate, to: .hz8000)
        var output = [Int16](
            repeating: 0,
            count: Resampler.maximumOutputCount(
                for: clip.samples.count, from: clip.rate, to: .hz8000))
        var room = output.mutableSpan
        let written = resampler.process(clip.samples.span, into: &room)
        samples = Array(output.prefix(written))
    }

    /// 64 samples; none where nothing was played for the whole of the block.
    func block(_ index: Int, delayedBy offset: Int) -> [Int16] {
        let start = index * Self.blockLength - offset
        guard start + Self.blockLength > 0, start < samples.count else { return [] }
        let block = (start..<start + Self.blockLength).map {
            samples.indices.contains($0) ? samples[$0] : 0
        }
        return block.contains { abs(Int32($0)) > 8 } ? block : []
    }
}
