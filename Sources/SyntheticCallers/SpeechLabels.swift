// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// Where somebody speaks in a clean recording: runs of samples, in order, apart from each other.
///
/// The labels are the truth that latencies are measured against, so they end at the last voiced
/// sample and not at the end of the file. They come from energy with hysteresis, which is right
/// on clean clips only: 20 ms windows every 5 ms, on above the loud windows - 25 dB, off below
/// - 38 dB or 150 ms further on, never nearer than 12 and 6 dB to the floor, gaps up to 150 ms
/// joined.
public struct SpeechLabels: Hashable, Sendable {
    /// Speech as half-open ranges of sample indices.
    public let runs: [Range<Int>]

    /// Takes labels that are known otherwise, for example from a script that made the clip.
    public init(runs: [Range<Int>]) {
        self.runs = runs
    }

    /// Labels a clean clip. Linear in its length; for set-up, not for live audio.
    public init(of clip: AudioClip) {
        runs = EnergyLabeller(clip).runs
    }

    /// The first voiced sample, nil in a clip without speech.
    public var onset: Int? { runs.first?.lowerBound }

    /// One past the last voiced sample, nil in a clip without speech.
    public var end: Int? { runs.last?.upperBound }
}

private struct EnergyLabeller {
    private let samples: [Float]
    private let rate: SampleRate
    private let window: Int
    private let hop: Int

    init(_ clip: AudioClip) {
        rate = clip.rate
        window = max(1, rate.samples(in: .milliseconds(20)))
        hop = max(1, rate.samples(in: .milliseconds(5)))
        samples = Self.withoutRumble(clip)
    }

    /// A first-order high-pass at 100 Hz: offset and hum are not speech.
    private static func withoutRumble(_ clip: AudioClip) -> [Float] {
        let pole = 1 / (1 + 2 * Float.pi * 100 / Float(clip.rate.hertz))
        var previous: Float = clip.samples.first.map(Float.init) ?? 0
        var output: Float = 0
        return clip.samples.map { sample in
            output = pole * (output + Float(sample) - previous)
            previous = Float(sample)
            return output
        }
    }

    private var levels: [Float] {
        guard samples.count >= window else { return [] }
        return stride(from: 0, through: samples.count - window, by: hop).map { start in
            var sum: Float = 0
            for index in start..<start + window { sum += samples[index] * samples[index] }
            return max(Level.dBov(meanSquare: Double(sum) / Double(window)), -80)
        }
    }

    var runs: [Range<Int>] {
        let levels = levels
        guard !levels.isEmpty else { return [] }
        let sorted = levels.sorted()
        let quietest = sorted[sorted.count / 20]
        let active = sorted.filter { $0 > quietest + 10 }
        let loud = active.isEmpty ? sorted[sorted.count - 1] : active[active.count * 9 / 10]
        // Nothing above -60 dBov is no clip of speech at all.
        guard loud > -60 else { return [] }
        // A clip without a pause has no floor to see: then it lies 40 dB under the speech.
        let floor = loud - quietest < 20 ? loud - 40 : quietest
        let on = max(loud - 25, floor + 12)
        let off = max(loud - 38, floor + 6)
        let spans = joined(hysteresis(levels, on: on, off: off))
        return spans.compactMap { trimmed($0, threshold: Level.amplitude(dBov: off)) }
    }

    private func hysteresis(_ levels: [Float], on: Float, off: Float) -> [Range<Int>] {
        let reach = rate.samples(in: .milliseconds(150)) / hop
        var spans: [Range<Int>] = []
        var index = 0
        while index < levels.count {
            guard levels[index] >= on else {
                index += 1
                continue
            }
            var first = index
            let earliest = max(spans.last?.upperBound ?? 0, index - reach)
            while first > earliest, levels[first - 1] >= off { first -= 1 }
            while index < levels.count, levels[index] >= on { index += 1 }
            let latest = min(levels.count, index + reach)
            while index < latest, levels[index] >= off, levels[index] < on { index += 1 }
            spans.append(first..<index)
        }
        return spans.map { $0.lowerBound * hop..<($0.upperBound - 1) * hop + window }
    }

    private func joined(_ spans: [Range<Int>]) -> [Range<Int>] {
        let gap = rate.samples(in: .milliseconds(150))
        return spans.reduce(into: []) { joined, span in
            if let last = joined.last, span.lowerBound - last.upperBound <= gap {
                joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, span.upperBound)
            } else {
                joined.append(span)
            }
        }
    }

    /// Brings a run of windows to the first and last sample that carry it; drops clicks.
    private func trimmed(_ span: Range<Int>, threshold: Float) -> Range<Int>? {
        guard let first = samples[span].firstIndex(where: { abs($0) >= threshold }),
            let last = samples[span].lastIndex(where: { abs($0) >= threshold }),
            last + 1 - first >= rate.samples(in: .milliseconds(30))
        else { return nil }
        return first..<last + 1
    }
}
