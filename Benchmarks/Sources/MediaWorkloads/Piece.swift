// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A piece of the media path: how to make it ready to run, and what others have for the like.
///
/// Its limits are in `Benchmarks/Thresholds`, by its name: counts, and shares of what the yardstick
/// takes in the same run.
package struct Piece: Sendable {
    package let name: String
    package let yardstick: Yardstick
    /// Makes what the piece needs; what it returns keeps that alive.
    package let prepare: @Sendable () -> Prepared

    package struct Prepared {
        /// Calls that one run serves 20 ms of.
        var calls = 1
        /// Runs of a batch: what takes nanoseconds is timed many times over.
        var runs: Int
        let work: () -> Void
        let reference: Reference
        /// Bytes that a call took from the allocator; nil where nothing is kept for a call.
        package var byteCount: Int?
    }

    /// What others do for 20 ms of a call, and how often a batch has it.
    struct Reference {
        let runs: Int
        var calls = 1
        let work: () -> Void
    }

    /// All of them, from the smallest to whole calls.
    package static let all = codecs + resamplers + rings + detectors + hearing + engine

    init(
        _ name: String, against yardstick: Yardstick, _ prepare: @escaping @Sendable () -> Prepared
    ) {
        self.name = name
        self.yardstick = yardstick
        self.prepare = prepare
    }
}

extension Piece.Prepared {
    /// What one measurement found.
    package struct Figures {
        /// Nanoseconds of processor time for 20 ms of one call. It depends on the machine.
        package let cost: Double
        /// The same, in thousandths of what the yardstick took in turns with it.
        package let share: Double
        /// Allocations in all the runs of a batch.
        package let allocations: Int
    }

    /// Measures ours and the yardstick, batches taking turns.
    package func measure(batches: Int) -> Figures {
        let (ours, theirs) = Stopwatch.compare(
            batches: batches, runs: runs, work, referenceRuns: reference.runs, reference.work)
        let cost = ours / Double(calls)
        return Figures(
            cost: cost * 1000, share: cost / (theirs / Double(reference.calls)) * 1000,
            allocations: AllocationCount.of { for _ in 0..<runs { work() } })
    }
}
