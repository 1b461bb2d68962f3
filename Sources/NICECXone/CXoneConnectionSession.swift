// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import JSON

/// What the host of a ``CXoneConnectionSession`` has to do, in order.
public enum CXoneAction: Sendable {
    case send(String)
    /// Find or create the stream, then answer with `accept` or `refuse`.
    case openRequested(CXoneInitialMessage)
    /// Count this.
    case violated(CXoneViolation)
    /// The stream, if one was opened, has no connection any more. The call goes on.
    case detached
    case closeConnection(code: UInt16)
}

/// What became of one binary message.
public enum CXoneAudioVerdict: Sendable {
    /// Samples of mu-law to decode.
    case accepted(sampleCount: Int)
    case ignored
    /// Drop it and count this.
    case counted(CXoneViolation)
    /// A violation: drop it and perform these.
    case refused([CXoneAction])
}

/// One connection of the audio hook, without I/O.
///
/// The first text message is the handshake, then audio flows our way only. A connection is not a
/// call: calls and streams outlive it, see ``CXoneCallDirectory``. Owned by one thread; audio costs
/// no allocation.
public struct CXoneConnectionSession: Sendable {
    public enum State: Hashable, Sendable {
        /// No initial message yet.
        case awaitingInitialMessage
        /// The host looks for the stream.
        case opening
        /// Accepted: audio may come.
        case streaming
        /// Nothing counts any more.
        case closed
    }

    public private(set) var state = State.awaitingInitialMessage
    /// The stream that the connection carries; nil before a good initial message.
    public private(set) var stream: CXoneStreamKey?
    private let tokens: CXoneTokenCheck
    private var enteredAt: MediaInstant

    /// A connection accepted at `now`.
    public init(tokens: CXoneTokenCheck, at now: MediaInstant) {
        self.tokens = tokens
        enteredAt = now
    }

    private mutating func enter(_ next: State, at now: MediaInstant) {
        state = next
        enteredAt = now
    }

    // MARK: The client

    public mutating func receive(text: String, at now: MediaInstant) -> [CXoneAction] {
        switch state {
        case .closed: return []
        case .opening, .streaming:
            return text.utf8.count > CXonePolicy.maximumTextBytes
                ? violate(.textTooLarge, at: now) : violate(.textAfterInitialMessage, at: now)
        case .awaitingInitialMessage: break
        }
        do throws(CXoneViolation) {
            let message = try readInitialMessage(text)
            stream = message.stream
            enter(.opening, at: now)
            return [.openRequested(message)]
        } catch {
            return violate(error, at: now)
        }
    }

    private func readInitialMessage(_ text: String) throws(CXoneViolation) -> CXoneInitialMessage {
        guard text.utf8.count <= CXonePolicy.maximumTextBytes else { throw .textTooLarge }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: text)
        } catch {
            throw .notJSON
        }
        guard let message = value.object else { throw .notAnObject }
        // Before anything else is looked at: a stranger learns nothing more.
        guard tokens.admits(CXoneInitialMessage.token(of: message)) else { throw .wrongToken }
        return try CXoneInitialMessage(message)
    }

    /// Takes one binary message. No allocation unless it is refused.
    public mutating func receiveAudio(byteCount: Int, at now: MediaInstant) -> CXoneAudioVerdict {
        guard state != .closed else { return .ignored }
        guard state != .awaitingInitialMessage else {
            return .refused(violate(.audioBeforeInitialMessage, at: now))
        }
        guard byteCount <= CXonePolicy.maximumAudioBytes else {
            return .refused(violate(.audioTooLarge, at: now))
        }
        guard state == .streaming else { return .counted(.audioBeforeReply) }
        guard byteCount > 0 else { return .counted(.emptyAudio) }
        return .accepted(sampleCount: byteCount)
    }

    /// The WebSocket is gone, however that came about.
    public mutating func connectionClosed(at now: MediaInstant) -> [CXoneAction] {
        guard state != .closed else { return [] }
        return leave(at: now)
    }

    // MARK: The host

    /// Answers `openRequested`: the stream is there.
    public mutating func accept(at now: MediaInstant) -> [CXoneAction] {
        guard state == .opening else { return [] }
        enter(.streaming, at: now)
        return [Self.reply("CONNECTED", "BEGIN AUDIO STREAM")]
    }

    /// Answers `openRequested`: there will be no stream. `message` reaches the client.
    public mutating func refuse(_ message: String, at now: MediaInstant) -> [CXoneAction] {
        guard state == .opening else { return [] }
        enter(.closed, at: now)
        return [
            Self.reply("ERROR", message),
            .closeConnection(code: CXonePolicy.refusalCloseCode),
        ]
    }

    /// Closes the connection in good order: another one carries the stream, or the call is over.
    /// The stream is not detached by it.
    public mutating func close(at now: MediaInstant) -> [CXoneAction] {
        guard state != .closed else { return [] }
        enter(.closed, at: now)
        return [.closeConnection(code: CXonePolicy.normalCloseCode)]
    }

    // MARK: Time

    /// When ``advance(to:)`` has to act if nothing else happens.
    public var deadline: MediaInstant? {
        switch state {
        case .awaitingInitialMessage: enteredAt + CXonePolicy.initialMessageDeadline
        case .opening: enteredAt + CXonePolicy.replyDeadline
        case .streaming, .closed: nil
        }
    }

    /// Enforces the deadline. A streaming connection has none: holds may be silent.
    public mutating func advance(to now: MediaInstant) -> [CXoneAction] {
        guard let deadline, now >= deadline else { return [] }
        guard state == .opening else { return violate(.initialMessageTimedOut, at: now) }
        return [.detached] + refuse("session set-up timed out", at: now)
    }

    // MARK: Consequences

    private mutating func leave(at now: MediaInstant) -> [CXoneAction] {
        let hasStream = state == .opening || state == .streaming
        enter(.closed, at: now)
        return hasStream ? [.detached] : []
    }

    private mutating func violate(_ violation: CXoneViolation, at now: MediaInstant)
        -> [CXoneAction]
    {
        var actions: [CXoneAction] = [.violated(violation)]
        switch violation.consequence {
        case .counted:
            break
        case .error(let message):
            actions += [
                Self.reply("ERROR", message),
                .closeConnection(code: CXonePolicy.refusalCloseCode),
            ]
            actions += leave(at: now)
        case .close(let code):
            actions.append(.closeConnection(code: code))
            actions += leave(at: now)
        }
        return actions
    }

    /// A `CXoneWebSocketMessage`. The success form is stated to the letter; commands are sent as
    /// text, as its example has them.
    private static func reply(_ command: String, _ message: String) -> CXoneAction {
        let reply: JSONValue = [
            "command": .string(command), "messageType": "COMMAND", "message": .string(message),
        ]
        return .send(reply.text)
    }
}
