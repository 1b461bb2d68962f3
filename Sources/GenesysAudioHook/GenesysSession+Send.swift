// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import JSON

extension GenesysSession {
    /// Has Genesys drop its playback buffer. Drop your own queue first: nothing older may follow.
    public mutating func bargeIn(at now: MediaInstant) -> [GenesysAction] {
        guard acceptsPlayout else { return [] }
        isPlaying = false
        return send(.bargeIn, at: now)
    }

    /// Sends an event, now or when the pace allows it. Allowed until `finish`; nothing is sent
    /// before `opened` or after the end.
    public mutating func send(_ event: GenesysEvent, at now: MediaInstant) -> [GenesysAction] {
        guard maySendEvents else { return [] }
        switch pacer.admit(event, at: now) {
        case .now: return [eventMessage(event)]
        case .later: return []
        case .dropped: return [.eventDropped]
        }
    }

    /// Asks the client to stop its audio. Audio in flight stays welcome until it answers.
    public mutating func pause(at now: MediaInstant) -> [GenesysAction] {
        guard state == .active || state == .paused else { return [] }
        isPauseAnswerDue = true
        return [message("pause")]
    }

    /// Asks the client to send audio again. A pause of the client's own stays in force.
    public mutating func resume(at now: MediaInstant) -> [GenesysAction] {
        guard state == .active || state == .paused else { return [] }
        isPauseAnswerDue = true
        return [message("resume")]
    }

    /// Asks the client to come back with a new session. This one goes on until the client ends it.
    public mutating func reconnect(info: String? = nil, at now: MediaInstant) -> [GenesysAction] {
        guard state == .active || state == .paused else { return [] }
        var parameters = JSONObject()
        if let info { parameters.append("info", Self.info(info)) }
        return [message("reconnect", parameters)]
    }

    /// Ends the session; the client then closes it. Output variables belong to a bot call only.
    ///
    /// Wait until the last audio was heard, otherwise its tail is lost. When the client has closed
    /// first this is `finish`.
    public mutating func disconnect(
        _ reason: GenesysDisconnectReason, info: String? = nil,
        outputVariables: GenesysOutputVariables? = nil, at now: MediaInstant
    ) -> [GenesysAction] {
        guard state != .closing else { return finish(outputVariables: outputVariables, at: now) }
        guard state.isLive else { return [] }
        var actions = pacer.takePending().map { eventMessage($0) }
        actions.append(disconnectMessage(reason, info: info, outputVariables))
        enter(Self.state(after: reason), at: now)
        endCall(.disconnected(reason), &actions)
        return actions
    }

    /// Answers the client's `close` after the last events. Output variables may reach the flow even
    /// though the caller hung up; whether they do is not documented.
    public mutating func finish(
        outputVariables: GenesysOutputVariables? = nil, at now: MediaInstant
    ) -> [GenesysAction] {
        guard state == .closing else { return [] }
        var actions = pacer.takePending().map { eventMessage($0) }
        var parameters = JSONObject()
        if mode == .connector, let outputVariables {
            parameters.append("outputVariables", outputVariables.json)
        }
        actions.append(message("closed", parameters))
        enter(.closed, at: now)
        return actions
    }

    /// Counts a violation and does what follows from it.
    mutating func violate(_ violation: GenesysViolation, at now: MediaInstant) -> [GenesysAction] {
        var actions: [GenesysAction] = [.violated(violation)]
        let reason: GenesysDisconnectReason
        var info: String?
        switch violation.consequence {
        case .counted: return actions
        case .unauthorized: reason = .unauthorized
        case .error(let text):
            reason = .error
            info = text
        }
        guard state.isLive else { return actions }
        actions += pacer.takePending().map { eventMessage($0) }
        actions.append(disconnectMessage(reason, info: info, nil))
        if state == .closing {
            // The client's `close` is here already and no other will come.
            actions.append(message("closed"))
            enter(.closed, at: now)
        } else {
            enter(Self.state(after: reason), at: now)
        }
        endCall(.violation(violation), &actions)
        return actions
    }

    private static func state(after reason: GenesysDisconnectReason) -> State {
        switch reason {
        case .completed: .disconnected
        case .unauthorized: .unauthorized
        case .error: .signaledError
        }
    }

    private mutating func disconnectMessage(
        _ reason: GenesysDisconnectReason, info: String?, _ variables: GenesysOutputVariables?
    ) -> GenesysAction {
        var parameters = JSONObject()
        parameters.append("reason", .string(reason.rawValue))
        if let info { parameters.append("info", Self.info(info)) }
        if mode == .connector, let variables {
            parameters.append("outputVariables", variables.json)
        }
        return message("disconnect", parameters)
    }

    private static func info(_ text: String) -> JSONValue {
        let kept = text.unicodeScalars.prefix(GenesysPolicy.maximumInfoCharacters)
        return .string(String(String.UnicodeScalarView(kept)))
    }

    mutating func eventMessage(_ event: GenesysEvent) -> GenesysAction {
        message("event", parameters: #"{"entities":["# + event.text + "]}")
    }

    mutating func message(_ type: String, _ parameters: JSONObject = JSONObject()) -> GenesysAction
    {
        message(type, parameters: JSONValue.object(parameters).text)
    }

    /// Writes a server message with the next `seq` (AudioHook protocol v2, message envelope).
    private mutating func message(_ type: String, parameters: String) -> GenesysAction {
        serverSequence += 1
        return .send(
            #"{"version":"2","id":""# + identity.sessionID.text + #"","type":""# + type
                + #"","seq":\#(serverSequence),"clientseq":\#(clientSequence),"#
                + #""parameters":"# + parameters + "}")
    }
}
