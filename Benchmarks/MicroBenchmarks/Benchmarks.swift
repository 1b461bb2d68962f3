// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Benchmark
import MediaWorkloads

/// Every piece as a benchmark, for `swift package benchmark`.
let benchmarks: @Sendable () -> Void = {
    for piece in Piece.all { register(piece) }
}

private let cost = metric("ns a call")
private let allocations = metric("allocations")
private let bytes = metric("bytes a call")

private func metric(_ name: String) -> BenchmarkMetric {
    .custom(name, polarity: .prefersSmaller, useScalingFactor: false)
}

/// What a piece needs is made when its turn comes, and gone after it.
private func register(_ piece: Piece) {
    let share = metric("per mille of " + piece.yardstick.rawValue)
    var prepared: Piece.Prepared?
    Benchmark(
        piece.name,
        configuration: .init(
            metrics: [cost, share, allocations, bytes], warmupIterations: 1,
            maxDuration: .seconds(2), maxIterations: 9)
    ) { benchmark in
        guard let prepared else { return benchmark.error("\(piece.name) is not prepared") }
        let figures = prepared.measure(batches: 7)
        benchmark.measurement(cost, Int(figures.cost.rounded()))
        benchmark.measurement(share, Int(figures.share.rounded()))
        benchmark.measurement(allocations, figures.allocations)
        if let count = prepared.byteCount { benchmark.measurement(bytes, count) }
    } setup: {
        prepared = piece.prepare()
    } teardown: {
        prepared = nil
    }
}
