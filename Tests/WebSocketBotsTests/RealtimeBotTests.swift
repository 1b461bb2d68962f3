// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import JSON
import Logging
import MediaServer
import NIOCore
import NIOHTTP1
import Synchronization
import Testing
import WebSocketTransport

@testable import WebSocketBots

/// The double behind a real socket, a platform played by the test.
@Suite struct RealtimeBotTests {
    private func provider(_ target: BotTarget, _ options: RealtimeOptions) -> any BotProvider {
        RealtimeBotProvider(
            to: target, key: "k", options: options,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static func even(_ octets: [UInt8]) -> [UInt8] {
        CallRig.muLaw(CallRig.linear(octets))
    }

    @Test func muLawPassesUnchangedBothWaysAndABargeInTruncatesAtWhatWasHeard() async throws {
        var options = RealtimeOptions()
        options.turnDetection = .sidetone
        let words = CallRig.muLaw((0..<20).flatMap { _ in CallRig.speech.prefix(8000) })
        let double = Mutex(RealtimeDouble(options))
        let bot = FarBot { type, message, connection, _ in
            let answers = double.withLock { far in
                let answers = far.receive(message.text)
                return type == "response.create" ? answers + far.speak(words) : answers
            }
            for answer in answers { connection.send(text: answer) }
        }
        bot.greeting = { double.withLock { $0.open() } }
        try await CallRig.run(bot) {
            provider($0, options)
        } body: { rig in
            let isHeard = try await rig.wait { try await rig.heard.count >= 3000 }
            #expect(isHeard)
            let heard = try await rig.heard
            // Negative zero is the one octet that comes out as another.
            let isTheSame = heard.starts(with: Self.even(words).prefix(3000))
            #expect(isTheSame)
            #expect(bot.all.headers["authorization"] == ["Bearer k"])
            try await rig.say(CallRig.turn)
            let isTruncated = try await rig.wait {
                double.withLock { $0.taken.contains("conversation.item.truncate") }
            }
            #expect(isTruncated)
            let isCommitted = try await rig.wait {
                double.withLock { $0.taken.contains("input_audio_buffer.commit") }
            }
            #expect(isCommitted)
            let far = double.withLock { $0 }
            #expect(far.refusals == [])
            let truncation = far.events.first {
                $0["type"] == "conversation.item.truncate"
            }
            let end = try #require(truncation?["audio_end_ms"]?.integer)
            #expect(end > 300 && end < 3200)
            let sent = Self.even(CallRig.muLaw(CallRig.turn))
            let isWhatWasSaid = far.heard.count > 14_000 && sent.starts(with: far.heard)
            #expect(isWhatWasSaid)
        }
    }
}
