// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CMalloc
import SpeechDetection

/// What hearing costs for many calls that take turns: one detector each, out of the caches.
final class HearingCallers {
    /// What goes on in a call.
    enum Situation: CaseIterable {
        /// The caller speaks now and then; no prompt plays.
        case idle
        /// A prompt plays and comes back as echo.
        case echo
        /// A prompt plays, comes back, and the caller speaks into it.
        case interruption
    }

    private struct Signals {
        let near: [Int16]
        let far: [Int16]
    }

    private final class Caller {
        var detector: SpeechDetector
        let signals: Signals
        var position: Int

        init(_ signals: Signals, pool: EchoCancellerPool?, start: Int) {
            self.signals = signals
            position = start
            detector = SpeechDetector(
                rate: .hz8000, profile: HearingProfile(), cancellers: pool)
        }
    }

    private static let signals: [Situation: Signals] = {
        let caller = TestSpeech.voice(seconds: 10, pitch: 190, seed: 7)
        let prompt = TestSpeech.voice(seconds: 10, pitch: 120, seed: 3)
        let line = TestSpeech.silence(seconds: 10, seed: 5)
        let echo = TestSpeech.echo(of: prompt)
        return [
            .idle: Signals(near: caller, far: []),
            .echo: Signals(near: zip(echo, line).map { $0 &+ $1 }, far: prompt),
            .interruption: Signals(near: zip(echo, caller).map { $0 &+ $1 }, far: prompt),
        ]
    }()

    private let callers: [Caller]
    /// Bytes that each detector took from the allocator, its share of the cancellers included.
    let bytesPerCall: Int

    /// - Parameters:
    ///   - share: the calls in each situation, out of 100.
    ///   - seconds: what they have heard before; without any they have no cancellers either.
    init(calls: Int, share: [Situation: Int], seconds: Int) {
        let signals = Self.signals
        let before = mallinfo2().uordblks
        let pool = seconds > 0 ? EchoCancellerPool(capacity: calls) : nil
        var situations: [Situation] = []
        for situation in Situation.allCases {
            situations += Array(repeating: situation, count: share[situation] ?? 0)
        }
        callers = (0..<calls).map { index in
            Caller(
                signals[situations[index * 37 % situations.count]] ?? Signals(near: [], far: []),
                pool: pool, start: index * 640 % 16_000)
        }
        // Long enough that the noise floor stands, the delay is found and the path is learned.
        for _ in 0..<seconds * 50 { for caller in callers { Self.frame(caller) } }
        bytesPerCall = Int(mallinfo2().uordblks - before) / calls
    }

    /// One caller without a prompt, who has heard a second of `signal`.
    init(hearing signal: [Int16]) {
        // The first of all makes the tables that they share.
        _ = Caller(Signals(near: signal, far: []), pool: nil, start: 0)
        let before = mallinfo2().uordblks
        callers = [Caller(Signals(near: signal, far: []), pool: nil, start: 0)]
        bytesPerCall = Int(mallinfo2().uordblks - before)
        for _ in 0..<50 { frame() }
    }

    /// 20 ms of every call.
    func frame() {
        for caller in callers { Self.frame(caller) }
    }

    private static func frame(_ caller: Caller) {
        let signals = caller.signals
        let start = caller.position
        caller.detector.fetch(echo: !signals.far.isEmpty)
        var offset = 0
        while offset < 160 {
            let count = min(160 - offset, caller.detector.blockRemainder)
            let first = start + offset
            // The block that this completes ends here; it began a block earlier.
            let far = first + count - 64
            let reference =
                signals.far.isEmpty || far < 0
                ? signals.far.span.extracting(0..<0) : signals.far.span.extracting(far..<far + 64)
            _ = caller.detector.consume(
                signals.near.span.extracting(first..<first + count), far: reference,
                mayInterrupt: true)
            offset += count
        }
        caller.position = (start + 160) % (signals.near.count - 160)
    }
}
