// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// The server side of one AudioHook v2 session, Monitor or Audio Connector, without I/O.
///
/// Bytes, commands and the time go in; ``GenesysAction`` values come out and are to be performed in
/// their order before the next input. The answer to a `ping` is always the first of them. Each
/// violation is counted, and at most one `disconnect` leaves in the life of a session.
///
/// Audio costs no allocation: ``receiveAudio(byteCount:at:)`` only counts. Owned by one thread.
public struct GenesysSession: Sendable {
    /// The states of the reference implementation.
    public enum State: Hashable, Sendable, CaseIterable {
        /// Connected, no `open` yet.
        case preparing
        /// `open` received; the host sets up the call.
        case opening
        /// `opened` sent; the only state in which audio is legal.
        case active
        /// The client has stopped its audio.
        case paused
        /// `close` received; last events may be sent.
        case closing
        /// `closed` sent; the client closes the connection.
        case closed
        /// `disconnect` with reason `error` sent.
        case signaledError
        /// `disconnect` with reason `unauthorized` sent.
        case unauthorized
        /// `disconnect` with reason `completed` sent.
        case disconnected
        /// The connection is gone.
        case finalizing

        /// Whether the rules of the protocol still apply to what the client sends.
        var isLive: Bool {
            switch self {
            case .preparing, .opening, .active, .paused, .closing: true
            case .closed, .signaledError, .unauthorized, .disconnected, .finalizing: false
            }
        }
    }

    public let identity: GenesysIdentity
    public let mode: GenesysMode
    public internal(set) var state = State.preparing
    /// The selected media; nil before `opened` and in a session without audio.
    public internal(set) var media: GenesysMedia?
    /// Where the client's next sample belongs on its stream.
    public internal(set) var position = SamplePosition.start
    /// Whether Genesys reported playback that it has not reported completed. A barge-in ends it at
    /// once, since no report is promised after one.
    public internal(set) var isPlaying = false
    /// The round trip that the client measured with its last pings.
    public internal(set) var roundTrip: MediaDuration?

    /// `seq` of our last message.
    var serverSequence: Int64 = 0
    /// `seq` of the last client message processed.
    var clientSequence: Int64 = 0
    /// Whether a call was requested of the host and has not ended.
    var hasCall = false
    var wantsLanguages = false
    /// Whether a `pause` or `resume` of ours still waits for its answer.
    var isPauseAnswerDue = false
    /// Frames of the longest binary message so far.
    var longestMessage = 0
    var stateEnteredAt: MediaInstant
    var lastHeardAt: MediaInstant
    var pacer: GenesysEventPacer

    /// A session whose WebSocket was accepted at `now`.
    public init(identity: GenesysIdentity, mode: GenesysMode, at now: MediaInstant) {
        self.identity = identity
        self.mode = mode
        stateEnteredAt = now
        lastHeardAt = now
        pacer = GenesysEventPacer(at: now)
    }

    /// Whether audio may be sent: a bot call with media that neither side has ended.
    public var acceptsPlayout: Bool {
        mode == .connector && media != nil && (state == .active || state == .paused)
    }

    /// Whether events may leave: between `opened` and `closed`.
    var maySendEvents: Bool { state == .active || state == .paused || state == .closing }

    mutating func enter(_ next: State, at now: MediaInstant) {
        state = next
        stateEnteredAt = now
    }

    /// Tells the host once that its call is over.
    mutating func endCall(_ end: GenesysEnd, _ actions: inout [GenesysAction]) {
        guard hasCall else { return }
        hasCall = false
        isPlaying = false
        actions.append(.ended(end))
    }

    /// The WebSocket is gone, however that came about.
    public mutating func connectionClosed(at now: MediaInstant) -> [GenesysAction] {
        var actions: [GenesysAction] = []
        enter(.finalizing, at: now)
        endCall(.connectionLost, &actions)
        return actions
    }
}
