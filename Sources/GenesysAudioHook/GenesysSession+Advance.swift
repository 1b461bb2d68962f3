// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

extension GenesysSession {
    /// When ``advance(to:)`` has something to do if nothing else happens; nil after the end.
    ///
    /// Audio only ever moves it later, so a host that wakes up early loses nothing but the wake-up.
    public var nextWake: MediaInstant? {
        guard let deadline else { return nil }
        guard maySendEvents, let event = pacer.dueAt else { return deadline }
        return min(deadline, event)
    }

    private var deadline: MediaInstant? {
        switch state {
        case .preparing: stateEnteredAt + GenesysPolicy.openDeadline
        case .opening: stateEnteredAt + GenesysPolicy.setUpDeadline
        case .active, .paused: lastHeardAt + GenesysPolicy.silenceDeadline
        case .closing: stateEnteredAt + GenesysPolicy.flushDeadline
        case .closed, .signaledError, .unauthorized, .disconnected:
            stateEnteredAt + GenesysPolicy.closeDeadline
        case .finalizing: nil
        }
    }

    /// Lets the time pass: sends events whose turn has come and enforces the deadline.
    ///
    /// Costs two comparisons and no allocation when nothing is due.
    public mutating func advance(to now: MediaInstant) -> [GenesysAction] {
        var actions: [GenesysAction] = []
        if maySendEvents {
            while let event = pacer.nextDue(at: now) { actions.append(eventMessage(event)) }
        }
        guard let deadline, now >= deadline else { return actions }
        switch state {
        case .preparing:
            actions += violate(.openTimedOut, at: now)
        case .opening:
            actions += violate(.setUpTimedOut, at: now)
        case .active, .paused:
            actions += violate(.peerSilent, at: now)
        case .closing:
            actions += finish(at: now)
        case .closed, .signaledError, .unauthorized, .disconnected:
            enter(.finalizing, at: now)
            actions += [.violated(.closeTimedOut), .closeConnection(code: 1000)]
        case .finalizing:
            break
        }
        return actions
    }
}
