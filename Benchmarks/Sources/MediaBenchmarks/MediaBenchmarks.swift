// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MediaWorkloads

/// Measures every piece of the media path, holds it to its limits, and draws the engine's curve:
/// without ordo-one/benchmark, which takes minutes to build and reads the same limits.
@main
struct MediaBenchmarks {
    private let options: Options
    private var results = Results()
    private var passed = 0
    private var failed = 0

    static func main() throws {
        var run = MediaBenchmarks(options: Options(CommandLine.arguments.dropFirst()))
        if run.options.measuresPieces { try run.measurePieces() }
        if run.options.drawsCurve { run.drawCurve() }
        if let path = run.options.json {
            try run.results.write(to: path)
        }
        print("\(run.passed) passed, \(run.failed) failed")
        exit(run.failed == 0 ? 0 : 1)
    }

    private init(options: Options) {
        self.options = options
    }

    private mutating func measurePieces() throws {
        print(
            Self.column("20 ms of a call", 30) + Self.column("ns", 9, .right)
                + Self.column("allocations", 13, .right) + "  in a thousand of the yardstick")
        for piece in Piece.all {
            let limits = try Limits(of: piece.name, in: options.thresholds)
            var result = Self.measure(piece)
            if !limits.breaches(of: result).isEmpty {
                // A stall of the host can spoil one measurement; what is broken is so twice.
                result = Self.measure(piece)
            }
            let breaches = limits.breaches(of: result)
            passed += limits.values.count - breaches.count
            failed += breaches.count
            results.pieces.append(result)
            print(
                Self.column(piece.name, 30) + Self.column("\(result.cost)", 9, .right)
                    + Self.column("\(result.allocations)", 13, .right)
                    + Self.column("\(result.share)", 8, .right) + " of \(result.yardstick)"
                    + (result.bytes.map { ", \($0) bytes" } ?? ""))
            for breach in breaches { print("  FAILED: \(breach)") }
        }
    }

    private static func measure(_ piece: Piece) -> Results.Measured {
        let prepared = piece.prepare()
        // The first frames find cold caches and unused pools.
        _ = prepared.measure(batches: 1)
        let figures = prepared.measure(batches: 21)
        return Results.Measured(
            name: piece.name, cost: Int(figures.cost.rounded()),
            share: Int(figures.share.rounded()), yardstick: piece.yardstick.rawValue,
            allocations: figures.allocations, bytes: prepared.byteCount)
    }

    private mutating func drawCurve() {
        print(Self.column("conversations at a time", 30) + "     ns a call  bytes a call")
        for count in [100, 500, 1000, 2000, 4000] {
            let calls = Conversations(calls: count, seconds: 6)
            let cost = Stopwatch.cost(batches: 25, runs: 2) { calls.frame() } / Double(count)
            let point = Results.Point(
                calls: count, nanoseconds: Int((cost * 1000).rounded()), bytes: calls.bytesPerCall)
            results.curve.append(point)
            print(
                Self.column("\(count)", 30) + Self.column("\(point.nanoseconds)", 14, .right)
                    + Self.column("\(point.bytes)", 14, .right))
        }
    }

    private enum Side {
        case left, right
    }

    private static func column(_ text: String, _ width: Int, _ side: Side = .left) -> String {
        let gap = String(repeating: " ", count: max(1, width - text.count))
        return side == .left ? text + gap : gap + text
    }
}

/// The command line.
private struct Options {
    var thresholds = "Benchmarks/Thresholds"
    var json: String?
    var drawsCurve = false
    var measuresPieces = true

    init(_ arguments: ArraySlice<String>) {
        var rest = arguments
        while let argument = rest.popFirst() {
            switch argument {
            case "--curve": drawsCurve = true
            case "--only-curve": (drawsCurve, measuresPieces) = (true, false)
            case "--json": json = Self.value(&rest)
            case "--thresholds": thresholds = Self.value(&rest)
            default: Self.refuse()
            }
        }
    }

    private static func value(_ rest: inout ArraySlice<String>) -> String {
        guard let value = rest.popFirst() else { refuse() }
        return value
    }

    private static func refuse() -> Never {
        print("usage: MediaBenchmarks [--curve|--only-curve] [--json FILE] [--thresholds FOLDER]")
        exit(2)
    }
}
