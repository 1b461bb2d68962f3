// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CAllocationCounter
import MediaEngine
import Testing

@testable import MediaServer

/// What admission counts for a call is what the heap grows by.
@Suite struct CallMemoryTests {
    private func heap() -> Int { Int(allocation_counter_heap_byte_count()) }

    @Test func hundredsOfCallsTakeWhatTheyDeclareAndGiveItBack() {
        // Under the sanitizers the heap is another one.
        guard allocation_counter_available() else { return }
        let count = 300
        let rig = ShardRig()
        // The first call makes the tables that all share.
        rig.begin("first").end(.platformEnded)
        let before = heap()
        var sessions = (0..<count).map { rig.begin("c\($0)") }
        for session in sessions { receiveSilence(session, milliseconds: 200) }
        rig.advance(milliseconds: 200)
        let perCall = (heap() - before) / count
        #expect(perCall <= Call.declaredByteCount)
        // So a call that grew by a fifth would not pass.
        #expect(perCall > Call.declaredByteCount * 5 / 6, "a declaration far off helps nobody")
        for session in sessions { session.end(.platformEnded) }
        sessions = []
        let kept = (heap() - before) / count
        #expect(kept < 1024, "\(kept) bytes a call stay behind")
    }
}
