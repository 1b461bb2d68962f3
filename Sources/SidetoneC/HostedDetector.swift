// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import CSidetone
internal import SpeechDetection

/// A detector of a host, with or without the bot's side. Allocates only in `init`.
final class HostedDetector {
    private static let farLength = 64
    /// Samples below this are the silence between prompts: nothing was heard.
    private static let audible: Int16 = 8

    /// Whether it was opened to hear interruptions.
    let hearsFarEnd: Bool
    private var detector: SpeechDetector
    /// The far end of the block under way at 8 kHz.
    private var far = [Int16](repeating: 0, count: HostedDetector.farLength)
    private var farCount = 0
    /// What has just been brought to 8 kHz.
    private var converted = [Int16](repeating: 0, count: HostedDetector.farLength)
    private var farConverter: Resampler
    private let silence: [Int16]

    init(_ config: sidetone_detector_config, hearsFarEnd: Bool) throws(Refusal) {
        let hertz = config.rate_hz == 0 ? 8000 : config.rate_hz
        guard (8000...48_000).contains(hertz),
            SpeechDetector.supports(SampleRate(hertz: Int(hertz)))
        else { throw .invalidArgument }
        let rate = SampleRate(hertz: Int(hertz))
        let profile = HearingProfile(
            endpoints: try EndpointProfile(
                config.endpoints, eager: config.eager_ms, earliest: config.earliest_ms,
                confirmed: config.confirmed_ms),
            sensitivity: try BargeInSensitivity(host: config.barge_in_evidence))
        self.hearsFarEnd = hearsFarEnd
        detector = SpeechDetector(
            rate: rate, profile: profile,
            cancellers: hearsFarEnd ? EchoCancellerPool(capacity: 1) : nil)
        farConverter = Resampler(from: rate, to: .hz8000)
        silence = Array(repeating: 0, count: detector.blockLength)
    }

    func expect(_ input: ExpectedSpeech) {
        detector.expect(input)
    }

    /// Takes samples up to the end of a block.
    /// - Parameter heard: what the caller heard meanwhile, as many samples; empty for nothing.
    func process(
        _ samples: Span<Int16>, heard: Span<Int16>, mayInterrupt: Bool
    ) -> (count: Int, decision: SpeechDecision?) {
        let count = min(samples.count, detector.blockRemainder)
        let isComplete = count == detector.blockRemainder
        if hearsFarEnd {
            if heard.isEmpty {
                let quiet = silence
                append(quiet.span.extracting(0..<count))
            } else {
                append(heard.extracting(0..<count))
            }
        }
        let isAudible = hearsFarEnd && isComplete && isFarAudible
        let block = far
        let result = detector.consume(
            samples.extracting(0..<count),
            far: block.span.extracting(0..<(isAudible ? Self.farLength : 0)),
            mayInterrupt: mayInterrupt)
        if isComplete { farCount = 0 }
        return result
    }

    private func append(_ heard: Span<Int16>) {
        var room = converted.mutableSpan
        let count = farConverter.process(heard, into: &room)
        for index in 0..<count {
            far[farCount + index] = converted[index]
        }
        farCount += count
    }

    private var isFarAudible: Bool {
        far.contains { $0 > Self.audible || $0 < -Self.audible }
    }
}
