// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Glibc
import MediaEngine
import SpeechDetection

/// What the media path costs, in microseconds of processor time for 20 ms of audio, and checks
/// that hold on any machine: ratios measured in the same run.
@main
struct MediaBenchmarks {
    private var failures = 0
    /// What libspeexdsp takes for 8 to 16 kHz on this machine now: the yardstick for the engine.
    private var yardstick = 0.0

    static func main() {
        var run = MediaBenchmarks()
        run.codecs()
        run.resamplers()
        run.detector()
        run.engine()
        print(run.failures == 0 ? "all checks hold" : "\(run.failures) checks failed")
        exit(run.failures == 0 ? 0 : 1)
    }

    private func report(_ name: String, _ cost: Double, _ note: String = "") {
        let text = String(Int((cost * 1000).rounded()))
        let digits = String(repeating: "0", count: max(0, 4 - text.count)) + text
        let value = digits.dropLast(3) + "." + digits.suffix(3)
        let gap = String(repeating: " ", count: max(1, 34 - name.count - value.count))
        print("\(name)\(gap)\(value) us  \(note)")
    }

    private mutating func check(_ holds: Bool, _ rule: String) {
        if !holds {
            failures += 1
            print("  FAILED: \(rule)")
        }
    }

    private func noise(_ count: Int) -> [Int16] {
        var state: UInt64 = 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int16(truncatingIfNeeded: state >> 48) / 2
        }
    }

    private func codecs() {
        for encoding in [AudioEncoding.pcmu, .pcma] {
            let samples = noise(160)
            var bytes = [UInt8](repeating: 0, count: 160)
            var decoded = samples
            let cost = Stopwatch.cost(runs: 20_000) {
                var room = bytes.mutableSpan
                AudioCodec.encode(
                    LinearAudio(samples.span, rate: .hz8000), as: encoding, into: &room)
                var back = decoded.mutableSpan
                AudioCodec.decode(
                    EncodedAudio(bytes.span, format: AudioFormat(encoding, rate: .hz8000)),
                    into: &back)
            }
            report("\(encoding) encode and decode", cost)
        }
    }

    private mutating func resamplers() {
        for (from, to) in [(8000, 16_000), (16_000, 8000), (8000, 24_000), (24_000, 8000)] {
            let input = noise(from / 50)
            var output = [Int16](repeating: 0, count: to / 50)
            var theirs = output
            var resampler = Resampler(
                from: SampleRate(hertz: from), to: SampleRate(hertz: to))
            let reference = SpeexReference(from: from, to: to)
            let cost = Stopwatch.compare(runs: 500) {
                var room = output.mutableSpan
                resampler.process(input.span, into: &room)
            } _: {
                reference.process(input, into: &theirs)
            }
            let ratio = cost.reference / cost.ours
            if yardstick == 0 { yardstick = cost.reference }
            report(
                "resample \(from) to \(to)", cost.ours,
                "speexdsp quality 5: \((ratio * 10).rounded() / 10) times that")
            check(ratio >= 2, "at least twice as fast as libspeexdsp at quality 5")
        }
    }

    private func detector() {
        var detector = SpeechDetector(rate: .hz8000, profile: .responsive)
        let samples = noise(160)
        let cost = Stopwatch.cost(runs: 2000) {
            var offset = 0
            while offset < samples.count {
                offset +=
                    detector.consume(
                        samples.span.extracting(offset..<samples.count), botIsAudible: true
                    ).count
            }
        }
        report("speech detection", cost)
    }

    private mutating func engine() {
        let pool = AudioBlockPool(byteLimit: 64 * 1024 * 1024)
        let one = CallBenchmark(pool: pool, seed: 1)
        let hot = Stopwatch.cost(runs: 500) { one.frame() }
        report("engine, one call", hot, "a frame each way and two ticks")
        let calls = (0..<2000).map { CallBenchmark(pool: pool, seed: UInt64($0)) }
        let many = Stopwatch.cost(batches: 9, runs: 1) { for call in calls { call.frame() } } / 2000
        report("engine, each of 2000 calls", many, "out of the caches")
        check(many < 5 * yardstick, "a whole frame pair under five resamplings of libspeexdsp")
        check(
            one.ledgersBalance && calls.allSatisfy(\.ledgersBalance), "every ledger balances")
    }
}
