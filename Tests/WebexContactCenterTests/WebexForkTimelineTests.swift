// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import WebexContactCenter

/// Pieces of 20 ms at 8 kHz; times in milliseconds.
@Suite struct WebexForkTimelineTests {
    private func receive(
        _ timeline: inout WebexForkTimeline, captured: Int64?, arrived: Int64
    ) -> Int {
        timeline.receive(
            sampleCount: 160, capturedAt: captured.map { $0 * 1_000_000 },
            at: MediaInstant(nanoseconds: arrived * 1_000_000))
    }

    @Test func aSteadyStreamHasNoGaps() {
        var timeline = WebexForkTimeline(rate: .hz8000)
        for index in Int64(0)..<500 {
            // Jitter of capture and of arrival, and a burst.
            let captured = 1_000_000 + index * 20 + index % 7 * 10
            #expect(receive(&timeline, captured: captured, arrived: index / 50 * 1_000) == 0)
        }
    }

    @Test func missingAudioIsFoundByItsTimestamps() {
        var timeline = WebexForkTimeline(rate: .hz8000)
        #expect(receive(&timeline, captured: 1_000, arrived: 0) == 0)
        #expect(receive(&timeline, captured: 1_219, arrived: 20) == 0)
        #expect(receive(&timeline, captured: 1_239 + 200, arrived: 40) == 1_600)
        #expect(receive(&timeline, captured: 1_459, arrived: 60) == 0)
    }

    @Test func clocksThatDriftApartMakeNoGap() {
        var timeline = WebexForkTimeline(rate: .hz8000)
        // 1 per cent fast for an hour.
        for index in Int64(0)..<180_000 {
            let missing = timeline.receive(
                sampleCount: 160, capturedAt: 1_000_000_000 + index * 20_200_000,
                at: MediaInstant(nanoseconds: index * 20_000_000))
            #expect(missing == 0)
        }
    }

    @Test func clocksThatCannotBeBelievedMakeNoGap() {
        for captured: [Int64] in [
            // Standing still, backwards, ahead by an hour and more.
            [1_000, 1_000, 1_000], [90_000, 50_000, 10_000], [1_000, 1_000 + 3_600_000, 1_020],
            [1_000, 9_000_000_000_000 / 1_000, 0],
        ] {
            var timeline = WebexForkTimeline(rate: .hz8000)
            for (index, time) in captured.enumerated() {
                #expect(receive(&timeline, captured: time, arrived: Int64(index) * 20) == 0)
            }
        }
    }

    @Test func betweenConnectionsTheTimestampsCount() {
        var timeline = WebexForkTimeline(rate: .hz8000)
        _ = receive(&timeline, captured: 1_000, arrived: 0)
        timeline.resume()
        // 3 s of audio are missing; it took 10 s to come back.
        #expect(receive(&timeline, captured: 4_020, arrived: 10_000) == 24_000)
        // What is sent again is heard again: a wrong clock must not silence anyone.
        timeline.resume()
        #expect(receive(&timeline, captured: 3_000, arrived: 11_000) == 0)
    }

    @Test func withoutTimestampsTheTimeBetweenConnectionsCounts() {
        var timeline = WebexForkTimeline(rate: .hz8000)
        _ = receive(&timeline, captured: nil, arrived: 0)
        #expect(receive(&timeline, captured: nil, arrived: 60_000) == 0)
        timeline.resume()
        #expect(receive(&timeline, captured: nil, arrived: 62_020) == 16_000)
        timeline.resume()
        #expect(receive(&timeline, captured: nil, arrived: 62_025) == 0)
    }
}
