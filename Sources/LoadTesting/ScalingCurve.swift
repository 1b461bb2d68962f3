// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// What the engine alone takes with more and more calls, as `MediaBenchmarks --curve --json` found
/// on this machine: beside a load, it tells the engine's cost from that of sockets and callers.
public struct ScalingCurve: Decodable, Hashable, Sendable {
    public struct Point: Decodable, Hashable, Sendable {
        /// At a time.
        public var calls: Int
        /// Processor time for 20 ms of one call.
        public var nanoseconds: Double
        /// Memory of one call.
        public var bytes: Double
    }

    /// By number of calls.
    public let points: [Point]

    private enum CodingKeys: String, CodingKey {
        case points = "curve"
    }

    /// - Throws: ``LoadProblem`` when the text is no such document, or has fewer than two points.
    public init(parsing bytes: Data) throws(LoadProblem) {
        let decoded: ScalingCurve
        do {
            decoded = try JSONDecoder().decode(Self.self, from: bytes)
        } catch {
            throw LoadProblem("the curve cannot be read: \(error)")
        }
        points = decoded.points.sorted { $0.calls < $1.calls }
        guard points.count > 1, points.allSatisfy({ $0.calls > 0 && $0.nanoseconds > 0 }) else {
            throw LoadProblem("a curve has two points or more: MediaBenchmarks --curve --json FILE")
        }
    }
}
