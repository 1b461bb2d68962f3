// Sidetone
// SPDX-License-Identifier: Apache-2.0

import CAllocationCounter

/// Random numbers that a seed brings back.
struct WebexRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
        print("seed \(seed)")
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Heap allocations of the second of two runs of `body` on this thread.
///
/// The first lets the runtime make what unoptimised generic code asks for once.
func allocationsWhenWarm(_ body: () throws -> Void) rethrows -> UInt64 {
    try body()
    allocation_counter_start()
    defer { _ = allocation_counter_stop() }
    try body()
    return allocation_counter_stop()
}
