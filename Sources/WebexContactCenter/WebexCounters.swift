// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What the voice virtual agent has seen since its start.
public struct WebexCounts: Hashable, Sendable {
    /// RPCs taken up, of any conversation.
    public var rpcs = 0
    /// Those of them that came on another event loop than their call's.
    public var handovers = 0
    /// RPCs that the authenticator refused.
    public var unauthenticated = 0
    public var conversations = 0
    /// Turns of callers that were over.
    public var turns = 0
    /// RPCs that the client gave up.
    public var cancellations = 0
    /// Times that the flow designer asked for the virtual agents.
    public var listings = 0
    /// By kind.
    public var violations: [WebexViolation: Int] = [:]
}

/// The counts of all event loops. Locked, and touched where an RPC or a turn begins or ends: never
/// per frame.
final class WebexCounters: Sendable {
    private let counts = Mutex(WebexCounts())

    var snapshot: WebexCounts { counts.withLock { $0 } }

    func add(_ change: (inout WebexCounts) -> Void) {
        counts.withLock { change(&$0) }
    }

    func add(_ violation: WebexViolation) {
        add { $0.violations[violation, default: 0] += 1 }
    }
}
