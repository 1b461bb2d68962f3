// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// What a ring does with elements it has no room for.
///
/// Overwriting the oldest is not offered: with one writer and one reader and no lock between them,
/// only the reader may take elements away.
public enum OverflowPolicy: Hashable, Sendable {
    /// The newest elements are lost and counted as dropped.
    case dropNewest
    /// They stay with the writer, who hears how many were taken: back-pressure.
    case refuse
}

/// What a ring has seen since it was made. Counts are exact at rest; taken while the other side
/// runs, they may lag by its last call.
public struct RingStatistics: Hashable, Sendable {
    /// Elements put in.
    public let written: Int
    /// Elements taken out, those discarded among them.
    public let read: Int
    /// Elements lost under ``OverflowPolicy/dropNewest``.
    public let dropped: Int
    /// The most elements that were waiting after a write.
    public let highWater: Int

    @inlinable
    public init(written: Int, read: Int, dropped: Int, highWater: Int) {
        self.written = written
        self.read = read
        self.dropped = dropped
        self.highWater = highWater
    }
}
