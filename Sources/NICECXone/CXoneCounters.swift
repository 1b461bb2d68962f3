// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What the adapter has seen since its start.
public struct CXoneCounts: Hashable, Sendable {
    /// WebSockets accepted.
    public var connections = 0
    public var streamsStarted = 0
    public var streamsResumed = 0
    /// Upgrades refused because the server takes no more calls.
    public var overloads = 0
    public var utterances = 0
    /// Requests of the text webhook that were refused, by HTTP status.
    public var refusedUtterances: [Int: Int] = [:]
    /// By kind.
    public var violations: [CXoneViolation: Int] = [:]
}

/// The counts of all event loops. Locked, and touched only where something unusual happens or a
/// connection begins: never per frame.
final class CXoneCounters: Sendable {
    private let counts = Mutex(CXoneCounts())

    var snapshot: CXoneCounts { counts.withLock { $0 } }

    func add(_ change: (inout CXoneCounts) -> Void) {
        counts.withLock { change(&$0) }
    }
}
