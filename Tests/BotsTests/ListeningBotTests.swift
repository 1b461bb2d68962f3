// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaServer
import Testing

@testable import Bots

/// Bots that have little to say complete the platform's turn all the same.
@Suite struct ListeningBotTests {
    private struct Provider: BotProvider {
        func makeBot(for call: CallInfo) -> BotSetup? {
            BotSetup(connector: ListeningBot(), rate: .hz8000)
        }
    }

    @Test func aBotThatOnlyListensSaysSoAfterEveryInput() async throws {
        try await BotRig.run(Provider()) { rig in
            try await rig.say(BotRig.turn)
            try await rig.receive(.noInput)
            let log = try await rig.log
            #expect(log == Array(repeating: "listen voiceAndDigits", count: 3))
        }
    }

    @Test func anEchoIsFollowedByListening() async throws {
        try await BotRig.run(EchoBotProvider(rate: .hz8000), pacing: BotRig.unit) { rig in
            try await rig.say(BotRig.turn)
            try await rig.receive(.digitsCompleted)
            let log = try await rig.log
            #expect(
                log == [
                    "listen voiceAndDigits", "match", "say 1", "listen voiceAndDigits",
                    "listen voiceAndDigits",
                ])
        }
    }
}
