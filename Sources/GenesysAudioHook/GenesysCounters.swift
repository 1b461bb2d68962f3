// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What the adapter has seen since its start.
public struct GenesysCounts: Hashable, Sendable {
    /// WebSockets accepted, probes included.
    public var sessions = 0
    public var probes = 0
    /// Upgrades refused because the server takes no more calls.
    public var overloads = 0
    /// Upgrades refused by authentication, by reason.
    public var refusals: [GenesysAuthenticationFailure: Int] = [:]
    /// By kind.
    public var violations: [GenesysViolation: Int] = [:]
    /// `event` messages dropped because too many were waiting.
    public var droppedEvents = 0
    /// Errors that clients reported, by code.
    public var clientErrors: [Int: Int] = [:]
}

/// The counts of all event loops. Locked, and touched only where something unusual happens or a
/// session begins: never per frame.
final class GenesysCounters: Sendable {
    private let counts = Mutex(GenesysCounts())

    var snapshot: GenesysCounts { counts.withLock { $0 } }

    func add(_ change: (inout GenesysCounts) -> Void) {
        counts.withLock { change(&$0) }
    }
}
