// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Bots
import Testing

@Suite struct EchoBotTests {
    @Test func theLastUtteranceIsSaidBack() async throws {
        try await BotRig.run(EchoBotProvider(rate: .hz16000)) { rig in
            try await rig.say(BotRig.turn)
            let result4 = try await rig.expect("match")
            #expect(result4)
            // The utterance with its lead and the silence that ended it: about 1.2 s; 0.5 s at once.
            let result5 = try await rig.heardBytes
            #expect(result5 >= 4000)
        }
    }
}
