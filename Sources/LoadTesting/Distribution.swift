// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import Histogram
public import SyntheticCallers

/// Values of one measure, in microseconds, to 1 %: an HdrHistogram from 0 to 10 minutes. Adding two
/// gives what one would have held.
public struct Distribution: Sendable {
    private var histogram = Histogram<UInt32>(
        highestTrackableValue: 600_000_000, numberOfSignificantValueDigits: .two)

    public init() {}

    public var count: Int { Int(histogram.totalCount) }
    public var isEmpty: Bool { count == 0 }

    /// Counts a value; a negative one as zero.
    public mutating func record(_ duration: MediaDuration) {
        record(microseconds: duration.nanoseconds / 1000)
    }

    public mutating func record(milliseconds: Double) {
        record(microseconds: Int64((milliseconds * 1000).rounded()))
    }

    private mutating func record(microseconds: Int64, count: Int = 1) {
        histogram.record(UInt64(min(max(0, microseconds), 600_000_000)), count: UInt32(count))
    }

    public mutating func add(_ other: Distribution) { histogram.add(other.histogram) }

    /// Takes what a generator counted of its own lateness; each value as the upper edge of its
    /// class, so that none is made better.
    public mutating func add(_ lateness: LatenessHistogram) {
        lateness.forEachClass { edge, count in
            record(microseconds: edge.nanoseconds / 1000, count: count)
        }
    }

    /// The value that a share of `quantile` (0...1) does not exceed; zero of nothing.
    public func value(at quantile: Double) -> Double {
        Double(histogram.valueAtPercentile(quantile * 100))
    }

    public var maximum: Double { Double(histogram.max) }
    public var mean: Double { isEmpty ? 0 : histogram.mean }

    /// How many values are larger than `limit` microseconds.
    public func count(above limit: Double) -> Int {
        histogram.recordedValues().reduce(0) {
            $0 + (Double($1.value) > limit ? Int($1.count) : 0)
        }
    }

    /// How many values lie in each of `bins` classes of `width` microseconds; the last takes the rest.
    public func bins(_ bins: Int, width: Double) -> [Int] {
        var counts = [Int](repeating: 0, count: bins)
        for value in histogram.recordedValues() {
            let index = min(bins - 1, Int(Double(value.value) / width))
            counts[index] += Int(value.count)
        }
        return counts
    }

    public var quantiles: Quantiles {
        Quantiles(
            count: count, p50: value(at: 0.5), p90: value(at: 0.9), p95: value(at: 0.95),
            p99: value(at: 0.99), p999: value(at: 0.999), max: maximum, mean: mean)
    }
}

/// What is told of a distribution, in microseconds. A server that tells its own may leave some out.
public struct Quantiles: Codable, Hashable, Sendable {
    public var count: Int
    public var p50: Double
    public var p90: Double
    public var p95: Double?
    public var p99: Double
    public var p999: Double?
    public var max: Double
    public var mean: Double
}
