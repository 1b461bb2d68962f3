// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// Which calls there are, which streams they have, and when they are over: no I/O, no clock.
///
/// CXone closes the connections of a call both when it is put on hold and when it ends, or leaves
/// them open and silent. So a call lives until the grace period after its last connection has
/// passed, or until the server stops it. A stopped call is remembered for the same time, because
/// the platform will try to connect again.
public struct CXoneCallDirectory: Sendable {
    /// A connection of this process; the host numbers them.
    public typealias ConnectionID = UInt64

    public enum Attachment: Hashable, Sendable {
        /// The stream is new: create it.
        case started
        /// The stream is known. Close the connection it had, if it still has one.
        case resumed(replacing: ConnectionID?)
        /// The server has stopped this call.
        case stopped
        /// No room for another call.
        case full
    }

    private struct Entry {
        var connections: [CXonePerspective: ConnectionID] = [:]
        /// Streams that were started, connected or not.
        var streams: Set<CXonePerspective> = []
        var isStopped = false
        /// Since when no connection is open; nil while one is.
        var quietSince: MediaInstant?
    }

    private let grace: MediaDuration
    private let capacity: Int
    private var entries: [CXoneCallKey: Entry] = [:]

    public init(
        grace: MediaDuration = CXonePolicy.grace, capacity: Int = CXonePolicy.callCapacity
    ) {
        self.grace = grace
        self.capacity = capacity
    }

    /// Calls held, stopped ones included.
    public var count: Int { entries.count }

    /// A connection with a good initial message came.
    public mutating func attach(
        _ stream: CXoneStreamKey, connection: ConnectionID
    ) -> Attachment {
        guard entries[stream.call] != nil || entries.count < capacity else { return .full }
        var entry = entries[stream.call] ?? Entry()
        guard !entry.isStopped else { return .stopped }
        let isKnown = !entry.streams.insert(stream.perspective).inserted
        let replaced = entry.connections.updateValue(connection, forKey: stream.perspective)
        entry.quietSince = nil
        entries[stream.call] = entry
        return isKnown ? .resumed(replacing: replaced) : .started
    }

    /// A connection is gone.
    /// - Returns: false when another connection carries the stream by now: the stream goes on.
    @discardableResult
    public mutating func detach(
        _ stream: CXoneStreamKey, connection: ConnectionID, at now: MediaInstant
    ) -> Bool {
        guard entries[stream.call]?.connections[stream.perspective] == connection else {
            return false
        }
        entries[stream.call]?.connections[stream.perspective] = nil
        noteIfQuiet(stream.call, at: now)
        return true
    }

    /// Forgets a stream that could not be created; its connection is refused.
    public mutating func abandon(_ stream: CXoneStreamKey, at now: MediaInstant) {
        entries[stream.call]?.connections[stream.perspective] = nil
        entries[stream.call]?.streams.remove(stream.perspective)
        if entries[stream.call]?.streams.isEmpty == true, entries[stream.call]?.isStopped == false {
            entries[stream.call] = nil
        } else {
            noteIfQuiet(stream.call, at: now)
        }
    }

    /// The server ends the call: no connection of it is taken any more.
    /// - Returns: its streams and the connections to close.
    public mutating func stop(
        _ call: CXoneCallKey, at now: MediaInstant
    ) -> [(stream: CXoneStreamKey, connection: ConnectionID?)] {
        guard let entry = entries[call], !entry.isStopped else { return [] }
        entries[call]?.isStopped = true
        entries[call]?.connections = [:]
        entries[call]?.streams = []
        noteIfQuiet(call, at: now)
        return Self.sorted(entry.streams).map { perspective in
            (
                CXoneStreamKey(call: call, perspective: perspective),
                entry.connections[perspective]
            )
        }
    }

    /// Ends the calls whose grace has passed. Call it about once a second.
    /// - Returns: streams that are over. Complexity: O(calls).
    public mutating func advance(to now: MediaInstant) -> [CXoneStreamKey] {
        var ended: [CXoneStreamKey] = []
        for (call, entry) in entries {
            guard let quietSince = entry.quietSince, now >= quietSince + grace else { continue }
            ended += Self.sorted(entry.streams).map {
                CXoneStreamKey(call: call, perspective: $0)
            }
            entries[call] = nil
        }
        return ended
    }

    private mutating func noteIfQuiet(_ call: CXoneCallKey, at now: MediaInstant) {
        guard let entry = entries[call], entry.connections.isEmpty, entry.quietSince == nil else {
            return
        }
        entries[call]?.quietSince = now
    }

    private static func sorted(_ streams: Set<CXonePerspective>) -> [CXonePerspective] {
        CXonePerspective.allCases.filter(streams.contains)
    }
}
