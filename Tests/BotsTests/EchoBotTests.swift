// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Bots
import Testing

@Suite struct EchoBotTests {
    @Test func theLastUtteranceIsSaidBack() async throws {
        try await BotRig.run(EchoBotProvider(rate: .hz16000)) { rig in
            try await rig.say(BotRig.turn)
            #expect(try await rig.expect("match"))
            // The utterance with its lead and the silence that ended it: about 1.2 s; 0.5 s at once.
            #expect(try await rig.heardBytes >= 4000)
        }
    }
}
