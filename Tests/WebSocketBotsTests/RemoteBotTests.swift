// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Logging
import MediaServer
import NIOCore
import Testing
import WebSocketTransport

@testable import WebSocketBots

/// What a conversation may keep waiting is what admission is told.
@Suite struct RemoteBotTests {
    private static let call = CallInfo(key: CallKey(platform: "test", conversation: "1"))
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func aConversationDeclaresWhatMayWaitOfBothSides() throws {
        let target = BotTarget(url: try WebSocketURL("ws://127.0.0.1:9/"))
        // 5 s of the caller, 30 s of the bot.
        for (encoding, bytes) in [
            (WireAudio.Encoding.pcm16, 160_000 + 960_000), (.opus, 80_000 + 960_000),
        ] {
            let provider = WebSocketBotProvider(
                to: target, audio: WireAudio(encoding, rate: .hz16000), logger: Self.logger)
            #expect(provider.makeBot(for: Self.call)?.byteCount == bytes)
        }
        var options = RealtimeOptions()
        // 5 s of the caller, 240 s of the bot.
        for (encoding, bytes) in [
            (WireAudio.Encoding.pcm16, 240_000 + 11_520_000), (.pcmu, 40_000 + 3_840_000),
        ] {
            options.encoding = encoding
            let provider = RealtimeBotProvider(
                to: target, key: nil, options: options, logger: Self.logger)
            #expect(provider.makeBot(for: Self.call)?.byteCount == bytes)
        }
    }

    @Test func aBotThatSpeaksAtAHigherRateMayKeepNoMoreWaiting() async throws {
        try await CallRig.run(FarBot { _, _, _, _ in }) {
            WebSocketBotProvider(
                to: $0, audio: WireAudio(.pcm16, rate: .hz16000), logger: Self.logger)
        } body: { rig in
            try await rig.loop.submit {
                let limit = SampleRate.hz16000.samples(in: .seconds(30))
                var refused = 0
                let player = ResponsePlayer(rig.session.value, rate: .hz48000, limit: limit) {
                    if case .refused(_, let samples) = $0 { refused += samples }
                }
                // More responses than a call has room for: the last ones wait with all their audio.
                for number in 0..<100 { player.begin(number, allowsBargeIn: true) }
                let second = [Int16](repeating: 0, count: 48_000)
                for _ in 0..<20 { player.play(99, second) }
                #expect(player.queued == .seconds(10))
                #expect(refused == 48_000 * 10)
            }.get()
        }
    }
}
