// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// A time in a report: milliseconds with three decimals, written as a plain number.
public struct Milliseconds: Codable, Hashable, Comparable, Sendable {
    public var value: Double

    public init(_ value: Double) {
        self.value = (value * 1000).rounded() / 1000
    }

    public init(_ duration: MediaDuration) {
        self.init(duration.milliseconds)
    }

    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Double.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }

    public static func < (left: Milliseconds, right: Milliseconds) -> Bool {
        left.value < right.value
    }
}
