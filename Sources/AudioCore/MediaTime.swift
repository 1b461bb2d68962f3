// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A length of time in nanoseconds.
///
/// Media code computes with this instead of `Duration` because its arithmetic is one machine word.
public struct MediaDuration: Hashable, Comparable, Sendable {
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    @inlinable
    public static func milliseconds(_ count: Int64) -> MediaDuration {
        MediaDuration(nanoseconds: count * 1_000_000)
    }

    @inlinable
    public static func microseconds(_ count: Int64) -> MediaDuration {
        MediaDuration(nanoseconds: count * 1_000)
    }

    @inlinable
    public static func seconds(_ count: Double) -> MediaDuration {
        MediaDuration(nanoseconds: Int64((count * 1_000_000_000).rounded()))
    }

    public static let zero = MediaDuration(nanoseconds: 0)

    /// The length in milliseconds, with its fraction: for reports and wire formats only.
    @inlinable
    public var milliseconds: Double { Double(nanoseconds) / 1_000_000 }

    /// The length in seconds, with its fraction: for reports and wire formats only.
    @inlinable
    public var seconds: Double { Double(nanoseconds) / 1_000_000_000 }

    @inlinable
    public static func < (left: MediaDuration, right: MediaDuration) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    @inlinable
    public static func + (left: MediaDuration, right: MediaDuration) -> MediaDuration {
        MediaDuration(nanoseconds: left.nanoseconds + right.nanoseconds)
    }

    @inlinable
    public static func - (left: MediaDuration, right: MediaDuration) -> MediaDuration {
        MediaDuration(nanoseconds: left.nanoseconds - right.nanoseconds)
    }

    @inlinable
    public static func += (left: inout MediaDuration, right: MediaDuration) {
        left = left + right
    }
}

/// A point on the monotonic clock of one process, in nanoseconds since an arbitrary origin.
///
/// The engine never reads a clock: instants come in with every call, from the operating system's
/// monotonic clock in a server and from a ``VirtualClock`` in a test.
public struct MediaInstant: Hashable, Comparable, Sendable {
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    @inlinable
    public static func < (left: MediaInstant, right: MediaInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    @inlinable
    public static func + (left: MediaInstant, right: MediaDuration) -> MediaInstant {
        MediaInstant(nanoseconds: left.nanoseconds + right.nanoseconds)
    }

    @inlinable
    public static func - (left: MediaInstant, right: MediaDuration) -> MediaInstant {
        MediaInstant(nanoseconds: left.nanoseconds - right.nanoseconds)
    }

    @inlinable
    public static func - (left: MediaInstant, right: MediaInstant) -> MediaDuration {
        MediaDuration(nanoseconds: left.nanoseconds - right.nanoseconds)
    }
}

/// The index of a sample on a stream's timeline, counted from the stream's first sample.
public struct SamplePosition: Hashable, Comparable, Sendable {
    public var index: Int64

    @inlinable
    public init(_ index: Int64) {
        self.index = index
    }

    public static let start = SamplePosition(0)

    @inlinable
    public static func < (left: SamplePosition, right: SamplePosition) -> Bool {
        left.index < right.index
    }

    /// The position `count` samples later (earlier when negative).
    @inlinable
    public func advanced(by count: Int) -> SamplePosition {
        SamplePosition(index + Int64(count))
    }

    /// Samples from this position to `other`; negative when `other` is earlier.
    @inlinable
    public func distance(to other: SamplePosition) -> Int {
        Int(other.index - index)
    }
}

/// A clock that moves only when told to: tests and replays run a call on it.
public struct VirtualClock: Sendable {
    public private(set) var now: MediaInstant

    public init(now: MediaInstant = MediaInstant(nanoseconds: 0)) {
        self.now = now
    }

    /// Moves the clock forward by `duration`, which must not be negative.
    public mutating func advance(by duration: MediaDuration) {
        precondition(duration.nanoseconds >= 0, "A monotonic clock cannot run backwards")
        now = now + duration
    }
}
