// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// How late something happened, counted in classes of 1/8 of their power of two, from 1 us to
/// 70 minutes: quantiles are right to 12.5 %. 1.1 KB, no allocation after `init`.
public struct LatenessHistogram: Sendable {
    private var counts = [UInt32](repeating: 0, count: 8 * 33)
    public private(set) var count = 0
    public private(set) var maximum = MediaDuration.zero

    public init() {}

    /// Counts one value; early is as good as on time.
    public mutating func record(_ lateness: MediaDuration) {
        let late = max(lateness, .zero)
        counts[Self.bucket(late)] &+= 1
        count += 1
        maximum = max(maximum, late)
    }

    /// Adds all that `other` has counted.
    public mutating func merge(_ other: LatenessHistogram) {
        for index in counts.indices { counts[index] &+= other.counts[index] }
        count += other.count
        maximum = max(maximum, other.maximum)
    }

    /// The value that a share of `quantile` (0...1) does not exceed; zero when nothing was counted.
    public func value(at quantile: Double) -> MediaDuration {
        let rank = max(1, Int((Double(count) * quantile).rounded(.up)))
        var seen = 0
        for index in counts.indices {
            seen += Int(counts[index])
            if seen >= rank { return min(Self.upperEdge(index), maximum) }
        }
        return .zero
    }

    /// Tells each class that counted something, by its upper edge.
    package func forEachClass(_ body: (_ edge: MediaDuration, _ count: Int) -> Void) {
        for index in counts.indices where counts[index] > 0 {
            body(min(Self.upperEdge(index), maximum), Int(counts[index]))
        }
    }

    private static func bucket(_ duration: MediaDuration) -> Int {
        let microseconds = UInt64(duration.nanoseconds / 1000) + 8
        let exponent = 63 - microseconds.leadingZeroBitCount
        let eighth = Int(microseconds >> UInt64(exponent - 3)) & 7
        return min((exponent - 3) * 8 + eighth, 8 * 33 - 1)
    }

    private static func upperEdge(_ index: Int) -> MediaDuration {
        .microseconds(Int64(8 + index % 8 + 1) << Int64(index / 8) - 8)
    }
}
