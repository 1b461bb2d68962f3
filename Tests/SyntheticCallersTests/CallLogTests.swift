// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import SyntheticCallers
import Testing

@Suite struct CallLogTests {
    @Test(arguments: [0, 1, 3_999_999, 4_000_000, 4_000_001, 19_999_999])
    func underLoadMediaBeginsOnTheGrid(_ past: Int64) {
        let now = MediaInstant(nanoseconds: 5_000_000_000 + past)
        var log = CallLog()
        #expect(log.mediaOrigin(now) == now)
        log.keepsTimeline = false
        let origin = log.mediaOrigin(now)
        #expect(origin.nanoseconds % CallLog.phaseGrid.nanoseconds == 0)
        #expect(origin >= now)
        #expect(origin - now < CallLog.phaseGrid)
    }

    /// The frame's instant, from which its lateness counts, is that of its last sample.
    @Test func underLoadFramesAreDueOnTheGrid() {
        var platform = WebexPlatform(
            options: WebexCallOptions(seed: 7), script: CallerScript(steps: []), keepsAudio: false)
        platform.log.keepsTimeline = false
        let now = MediaInstant(nanoseconds: 5_000_000_001)
        platform.start(at: now)
        platform.connected(at: now)
        #expect(platform.deadline == MediaInstant(nanoseconds: 5_024_000_000))
        platform.advance(to: MediaInstant(nanoseconds: 5_025_000_000))
        #expect(platform.deadline == MediaInstant(nanoseconds: 5_044_000_000))
    }
}
