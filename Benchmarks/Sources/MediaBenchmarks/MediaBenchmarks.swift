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
    /// What a call's engine takes when there are many.
    private var engineCost = 0.0

    static func main() {
        var run = MediaBenchmarks()
        run.codecs()
        run.resamplers()
        run.hearing()
        run.engine()
        run.conversations(upTo: CommandLine.arguments.contains("--curve") ? 4000 : 2000)
        run.cleanAudio()
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

    /// Hearing for 2000 calls that take turns: voice, turns, keys, faults, echo and interruptions,
    /// against WebRTC's voice detector and libspeexdsp's canceller, which do a part of it each.
    private mutating func hearing() {
        let signal = TestSpeech.voice(seconds: 4, pitch: 150, seed: 1)
        let vad = voiceDetectorOfOthers(signal)
        let canceller = cancellerOfOthers(signal)
        report("WebRTC voice detector", vad, "two frames of 10 ms")
        report("libspeexdsp canceller", canceller, "a tail of 64 ms")
        let mixes: [(name: String, share: [HearingBenchmark.Situation: Int], limit: Double)] = [
            ("hearing, no prompt", [.idle: 100], 2.5 * vad),
            ("hearing, 70/25/5 %", [.idle: 70, .echo: 25, .interruption: 5], 0.5 * canceller),
            ("hearing, all interrupted", [.interruption: 100], 1.2 * canceller),
        ]
        for mix in mixes {
            let calls = HearingBenchmark(calls: 2000, share: mix.share, seconds: 1)
            let cost = Stopwatch.cost(batches: 15, runs: 5) { calls.frame() } / 2000
            report(
                mix.name, cost,
                "\((cost / vad * 100).rounded() / 100) x WebRTC,"
                    + " \((cost / canceller * 100).rounded() / 100) x speexdsp,"
                    + " \(calls.bytesPerCall) bytes a call")
            check(cost <= mix.limit, "\(mix.name): at most \(mix.limit) us")
        }
        let bytes = HearingBenchmark(calls: 200, share: [.idle: 100], seconds: 0).bytesPerCall
        check(bytes <= 16 * 1024, "a detector without a canceller takes 16 KB, not \(bytes)")
    }

    private func voiceDetectorOfOthers(_ signal: [Int16]) -> Double {
        var detector = WebRTCVoiceActivityDetector(rate: .hz8000, aggressiveness: 3)
        var start = 0
        return Stopwatch.cost(runs: 2000) {
            for offset in [0, 80] {
                _ = detector.isActive(
                    signal.span.extracting(start + offset..<start + offset + 80))
            }
            start = (start + 160) % (signal.count - 160)
        }
    }

    private func cancellerOfOthers(_ signal: [Int16]) -> Double {
        let canceller = SpeexCanceller()
        let echo = TestSpeech.echo(of: signal)
        var output = [Int16](repeating: 0, count: 160)
        var start = 0
        return Stopwatch.cost(runs: 500) {
            canceller.cancel(
                Array(echo[start..<start + 160]), far: Array(signal[start..<start + 160]),
                into: &output)
            start = (start + 160) % (signal.count - 160)
        }
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
        engineCost = many
        check(
            one.ledgersBalance && calls.allSatisfy(\.ledgersBalance), "every ledger balances")
    }

    /// Calls as they are: most of the time nobody speaks, or only the bot does.
    private mutating func conversations(upTo limit: Int) {
        for count in [100, 500, 1000, 2000, 4000] where count <= limit {
            let calls = ConversationBenchmark(calls: count, seconds: 6)
            let cost = Stopwatch.cost(batches: 25, runs: 2) { calls.frame() } / Double(count)
            report(
                "engine, \(count) conversations", cost, "a call, \(calls.bytesPerCall) bytes each")
            guard count == 2000 else { continue }
            check(cost < 4 * yardstick, "a conversation under four resamplings of libspeexdsp")
            check(
                calls.bytesPerCall <= 2 * Call.declaredByteCount,
                "a call takes what it declares, and as much again for what waits to be played")
        }
    }

    /// A call whose bot is given clean audio, against one whose bot is not.
    private mutating func cleanAudio() {
        let pool = AudioBlockPool(byteLimit: 64 * 1024 * 1024)
        let calls = (0..<200).map {
            CallBenchmark(pool: pool, seed: UInt64($0), cleansAudio: true)
        }
        // The filters adapt for a while before they cost what they will.
        for _ in 0..<50 { for call in calls { call.frame() } }
        let many = Stopwatch.cost(batches: 9, runs: 1) { for call in calls { call.frame() } } / 200
        let ratio = many / engineCost
        report(
            "engine with clean audio", many,
            "each of 200 calls: \((ratio * 10).rounded() / 10) times one without")
        check(
            ratio <= Double(CallConfiguration.cleanAudioWeight),
            "a call with clean audio costs no more than it is counted for")
    }
}
