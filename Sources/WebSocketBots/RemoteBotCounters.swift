// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What all conversations with far bots came to, since the start. Usable from any thread.
public final class RemoteBotCounters: Sendable {
    public struct Counts: Hashable, Sendable {
        /// Connections that the bot answered on.
        public var connections = 0
        /// Attempts that failed, and connections that were lost.
        public var connectionsLost = 0
        /// Bots that were given up; their callers got the apology.
        public var failures = 0
        /// Messages of bots that broke the protocol.
        public var invalidMessages = 0
        /// Milliseconds of callers' audio that bots did not get.
        public var missedMilliseconds = 0
        /// Errors of a far side that are no fault of ours, and answers that failed.
        public var botErrors = 0
        /// Times that a far side said that a limit of its rate is used up.
        public var rateLimited = 0
        /// Milliseconds of bots' audio that found no room.
        public var refusedMilliseconds = 0
    }

    private let state = Mutex(Counts())

    public init() {}

    public var counts: Counts { state.withLock { $0 } }

    func add(_ change: (inout Counts) -> Void) {
        state.withLock { change(&$0) }
    }
}
