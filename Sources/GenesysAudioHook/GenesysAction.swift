// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// What the host of a ``GenesysSession`` has to do, in order.
public enum GenesysAction: Hashable, Sendable {
    /// Send this text message.
    case send(String)
    /// Create the call, then answer with `accept` or `refuse`. Exactly one ``ended(_:)`` follows
    /// each of these.
    case openRequested(GenesysSessionStart)
    /// A connection probe was answered. There is no call: nothing to create, bill or record.
    case probeAnswered
    /// The caller pressed a key.
    case digit(DTMFDigit)
    /// The caller begins to hear us.
    case playbackStarted
    /// Genesys has played everything it had.
    case playbackCompleted
    /// The next sample of the client does not follow the last one.
    case timelineMoved(GenesysTimelineMove)
    /// The client sends no audio until ``resumed``.
    case paused
    case resumed
    case languageChanged(String)
    /// Send no audio for this long, then more slowly.
    case throttled(retryAfter: MediaDuration)
    /// The client reports an error of ours; it usually closes next. For logs.
    case clientError(code: Int, message: String)
    /// Count this.
    case violated(GenesysViolation)
    /// An event was dropped because too many were waiting. Count this.
    case eventDropped
    /// The call is over: no audio in either direction any more. After
    /// ``GenesysEnd/closedByClient(_:)`` last events may be sent, then call `finish`.
    case ended(GenesysEnd)
    /// Close the WebSocket with this code; the client has not done so in time.
    case closeConnection(code: UInt16)
}

/// A correction of the ingress timeline.
public struct GenesysTimelineMove: Hashable, Sendable {
    public enum Cause: Hashable, Sendable {
        /// The client dropped audio, by skipping or by overflow.
        case discarded
        /// The client skipped audio during a pause.
        case resumed
        /// The `position` of a message differed from the samples received.
        case position
    }

    /// Where the next sample was expected.
    public var from: SamplePosition
    /// Where it is; earlier than `from` when the client counts less than it sent.
    public var to: SamplePosition
    public var cause: Cause
}

/// Why a call ended.
public enum GenesysEnd: Hashable, Sendable {
    /// The client's `close`; nil for a reason that the protocol does not name.
    case closedByClient(GenesysCloseReason?)
    /// Our own `disconnect`.
    case disconnected(GenesysDisconnectReason)
    /// The client broke the protocol.
    case violation(GenesysViolation)
    /// The connection went away without a `close`.
    case connectionLost
}

/// Why we disconnect.
public enum GenesysDisconnectReason: String, Hashable, Sendable {
    /// The flow goes on along its success path.
    case completed
    case unauthorized
    /// The flow takes its failure path.
    case error
}

/// What became of one binary message.
public enum GenesysAudioVerdict: Hashable, Sendable {
    /// Decode it: its first frame stands at this position.
    case accepted(at: SamplePosition, frameCount: Int)
    /// In flight when the session ended: drop it.
    case ignored
    /// A violation: drop it and perform these.
    case refused([GenesysAction])
}
