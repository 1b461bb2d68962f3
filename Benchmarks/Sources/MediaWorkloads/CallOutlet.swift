// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine

/// Takes everything that a call has for its owner, as a shard does, and lets it go.
struct CallOutlet {
    private var samples = [Int16](repeating: 0, count: 4800)
    private var packet = [UInt8](repeating: 0, count: 65_536)

    mutating func drain(_ call: Call, now: MediaInstant) {
        while call.nextEvent() != nil {}
        while true {
            var room = samples.mutableSpan
            if call.readCallerAudio(into: &room) == 0 { break }
        }
        while true {
            var room = packet.mutableSpan
            if call.nextPacket(into: &room, now: now) == nil { break }
        }
    }
}
