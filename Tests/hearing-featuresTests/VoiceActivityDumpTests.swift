// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import SpeechDetection
import Testing

@testable import hearing_features

@Suite struct VoiceActivityDumpTests {
    @Test func everyWholeBlockGivesARow() {
        let samples = (0..<1000).map { Int16(truncatingIfNeeded: $0 &* 7919) }
        let rows = VoiceActivityDump.rows(of: AudioClip(rate: .hz8000, samples: samples))
        #expect(rows.count == 1000 / 64 * VoiceActivityFeatures.count)
        #expect(rows.allSatisfy { abs($0) < 32 })
        #expect(VoiceActivityFeatures.names.count == VoiceActivityFeatures.count)
    }
}
