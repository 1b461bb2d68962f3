// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Measures what a piece of work costs the thread that does it: processor time, not wall time, so
/// that other programs on the machine blur it less.
package struct Stopwatch {
    /// Microseconds of processor time for one run of `body`: the median of many batches.
    package static func cost(batches: Int, runs: Int, _ body: () -> Void) -> Double {
        var times: [Double] = []
        for _ in 0..<batches {
            let start = now()
            for _ in 0..<runs { body() }
            times.append((now() - start) / Double(runs))
        }
        return times.sorted()[batches / 2]
    }

    /// Microseconds for one run of each, batches taking turns so that both meet the same machine.
    static func compare(
        batches: Int, runs: Int, _ ours: () -> Void, referenceRuns: Int, _ reference: () -> Void
    ) -> (ours: Double, reference: Double) {
        var times: ([Double], [Double]) = ([], [])
        for _ in 0..<batches {
            let first = now()
            for _ in 0..<runs { ours() }
            let second = now()
            for _ in 0..<referenceRuns { reference() }
            times.0.append((second - first) / Double(runs))
            times.1.append((now() - second) / Double(referenceRuns))
        }
        return (times.0.sorted()[batches / 2], times.1.sorted()[batches / 2])
    }

    private static func now() -> Double {
        var time = timespec()
        // The call fills in the structure it is given; its address does not leave it.
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
    }
}
