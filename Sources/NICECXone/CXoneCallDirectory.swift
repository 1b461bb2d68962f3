// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// Which calls there are, which streams they have, and when they are over: no I/O, no clock.
///
/// CXone closes the connections of a call both when it is put on hold and when it ends, or leaves
/// them open and silent. So a call lives until the grace period after its last connection has
/// passed. A stream that the server stopped is remembered for as long as its call, because the
/// platform will try to connect again.
public struct CXoneCallDirectory: Sendable {
    /// A connection of this process; the host numbers them.
    public typealias ConnectionID = UInt64

    public enum Attachment: Hashable, Sendable {
        /// The stream is new: create it, then say `ready` or `abandon`.
        case started
        /// The stream is known. Close the connection it had, if it still has one.
        case resumed(replacing: ConnectionID?)
        /// Another connection is creating the stream at this moment.
        case busy
        /// The server has stopped this stream.
        case stopped
        /// No room for another call.
        case full
    }

    private struct Stream {
        var connection: ConnectionID?
        var isReady = false
        var isStopped = false
    }

    private struct Entry {
        var streams: [CXonePerspective: Stream] = [:]
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

    /// Whether any stream waits for its connection to come back. Complexity: O(calls).
    public var awaitsConnection: Bool {
        entries.values.contains { entry in
            entry.streams.values.contains { $0.connection == nil && !$0.isStopped }
        }
    }

    /// A connection with a good initial message came.
    public mutating func attach(
        _ key: CXoneStreamKey, connection: ConnectionID
    ) -> Attachment {
        guard entries[key.call] != nil || entries.count < capacity else { return .full }
        guard var stream = entries[key.call]?.streams[key.perspective] else {
            entries[key.call, default: Entry()].streams[key.perspective] = Stream(
                connection: connection)
            entries[key.call]?.quietSince = nil
            return .started
        }
        guard !stream.isStopped else { return .stopped }
        guard stream.isReady else { return .busy }
        let replaced = stream.connection
        stream.connection = connection
        entries[key.call]?.streams[key.perspective] = stream
        entries[key.call]?.quietSince = nil
        return .resumed(replacing: replaced)
    }

    /// The stream that was started exists now and may be resumed.
    public mutating func ready(_ key: CXoneStreamKey) {
        entries[key.call]?.streams[key.perspective]?.isReady = true
    }

    /// Forgets a stream that could not be created.
    public mutating func abandon(_ key: CXoneStreamKey, at now: MediaInstant) {
        entries[key.call]?.streams[key.perspective] = nil
        if entries[key.call]?.streams.isEmpty == true {
            entries[key.call] = nil
        } else {
            noteIfQuiet(key.call, at: now)
        }
    }

    /// A connection is gone.
    /// - Returns: false when another connection carries the stream by now: the stream goes on.
    @discardableResult
    public mutating func detach(
        _ key: CXoneStreamKey, connection: ConnectionID, at now: MediaInstant
    ) -> Bool {
        guard entries[key.call]?.streams[key.perspective]?.connection == connection else {
            return false
        }
        entries[key.call]?.streams[key.perspective]?.connection = nil
        noteIfQuiet(key.call, at: now)
        return true
    }

    /// The server ends a stream: no connection for it is taken any more.
    public mutating func stop(_ key: CXoneStreamKey, at now: MediaInstant) {
        guard entries[key.call]?.streams[key.perspective] != nil else { return }
        entries[key.call]?.streams[key.perspective] = Stream(isStopped: true)
        noteIfQuiet(key.call, at: now)
    }

    /// Ends the calls whose grace has passed. Call it about once a second.
    /// - Returns: streams that are over. Complexity: O(calls).
    public mutating func advance(to now: MediaInstant) -> [CXoneStreamKey] {
        var ended: [CXoneStreamKey] = []
        for (call, entry) in entries {
            guard let quietSince = entry.quietSince, now >= quietSince + grace else { continue }
            for perspective in CXonePerspective.allCases {
                guard entry.streams[perspective]?.isStopped == false else { continue }
                ended.append(CXoneStreamKey(call: call, perspective: perspective))
            }
            entries[call] = nil
        }
        return ended
    }

    private mutating func noteIfQuiet(_ call: CXoneCallKey, at now: MediaInstant) {
        guard let entry = entries[call], entry.quietSince == nil,
            entry.streams.values.allSatisfy({ $0.connection == nil })
        else { return }
        entries[call]?.quietSince = now
    }
}
