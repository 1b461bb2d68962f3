// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CMalloc
import MediaEngine
import SpeechDetection

/// The engine of many calls in conversation: the caller speaks for three seconds, the bot answers
/// for eight, both are silent for a while. Each call is somewhere else in its twenty seconds.
package final class Conversations {
    private static let frameLength = 160
    private static let period = 20 * 8000
    private static let promptStart = 4 * 8000
    private static let promptLength = 8 * 16_000

    private final class Conversation {
        let call: Call
        var position: Int

        init(pool: AudioBlockPool, cancellers: EchoCancellerPool, start: Int) {
            position = start
            call = Call(
                configuration: CallConfiguration(
                    ingress: .pcmu8000,
                    egress: .init(
                        format: .pcmu8000,
                        pacing: PacingProfile(
                            lead: .milliseconds(500), packet: .milliseconds(200),
                            maximumPacket: .milliseconds(300),
                            startThreshold: .milliseconds(100),
                            startPatience: .milliseconds(20), packetInterval: .zero,
                            packetBurst: 1)),
                    botRate: .hz16000),
                pool: pool, cancellers: cancellers, now: MediaInstant(nanoseconds: 0))
        }
    }

    /// What the caller's line carries over one period, in mu-law.
    private static let line: [UInt8] = {
        let voice = TestSpeech.voice(seconds: 3, pitch: 190, seed: 7)
        let samples = voice + TestSpeech.silence(seconds: 17, seed: 5)
        var bytes = [UInt8](repeating: 0, count: samples.count)
        var room = bytes.mutableSpan
        AudioCodec.encode(LinearAudio(samples.span, rate: .hz8000), as: .pcmu, into: &room)
        return bytes
    }()

    private static let prompt: [Int16] = (0..<promptLength).map {
        TestSpeech.pulse(at: Double($0) / 16_000)
    }

    private let pool = AudioBlockPool(byteLimit: 1024 * 1024 * 1024)
    private let cancellers = EchoCancellerPool(capacity: 256)
    private var conversations: [Conversation] = []
    private var now = MediaInstant(nanoseconds: 0)
    private var outlet = CallOutlet()
    /// Bytes that each call took from the allocator, with what waits to be played.
    package private(set) var bytesPerCall = 0

    /// - Parameter seconds: what the calls have gone through before.
    package init(calls: Int, seconds: Int) {
        _ = Self.line
        _ = Self.prompt
        let before = mallinfo2().uordblks
        conversations = (0..<calls).map { index in
            Conversation(
                pool: pool, cancellers: cancellers,
                start: index * 37 % 1000 * Self.frameLength)
        }
        for _ in 0..<(seconds * 50) { frame() }
        bytesPerCall = Int(mallinfo2().uordblks - before) / calls
    }

    /// 20 ms of every call, with the work of the ticks that are due.
    package func frame() {
        now = now + .milliseconds(20)
        let line = Self.line
        for conversation in conversations {
            let start = conversation.position
            if start == Self.promptStart { speak(conversation.call) }
            conversation.call.receive(
                EncodedAudio(
                    line.span.extracting(start..<(start + Self.frameLength)), format: .pcmu8000),
                now: now)
            conversation.position = (start + Self.frameLength) % Self.period
            outlet.drain(conversation.call, now: now)
            if conversation.call.deadline(after: now) <= now {
                conversation.call.advance(to: now)
                outlet.drain(conversation.call, now: now)
            }
        }
    }

    /// 20 ms in which nothing arrives: two ticks, and what they make of the prompts that wait.
    func ticks() {
        for _ in 0..<2 {
            now = now + .milliseconds(10)
            for conversation in conversations
            where conversation.call.deadline(after: now) <= now {
                conversation.call.advance(to: now)
                outlet.drain(conversation.call, now: now)
            }
        }
    }

    private func speak(_ call: Call) {
        guard let response = call.beginResponse() else { return }
        let prompt = Self.prompt
        _ = call.play(LinearAudio(prompt.span, rate: .hz16000), in: response, now: now)
        call.endResponse(response, now: now)
    }
}
