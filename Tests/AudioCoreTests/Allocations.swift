// Sidetone
// SPDX-License-Identifier: Apache-2.0

import CAllocationCounter

/// Heap allocations of the second of two runs of `body` on this thread.
///
/// The first lets the runtime make the type metadata that unoptimised generic code asks for once.
func allocationsWhenWarm(_ body: () throws -> Void) rethrows -> UInt64 {
    try body()
    allocation_counter_start()
    defer { _ = allocation_counter_stop() }
    try body()
    return allocation_counter_stop()
}
