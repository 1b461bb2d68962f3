// Sidetone
// SPDX-License-Identifier: Apache-2.0

import CAllocationCount

/// Allocations of the calling thread.
enum AllocationCount {
    static func of(_ body: () -> Void) -> Int {
        precondition(allocation_counter_available(), "Allocations are counted with glibc only")
        allocation_counter_start()
        body()
        return Int(allocation_counter_stop())
    }
}
