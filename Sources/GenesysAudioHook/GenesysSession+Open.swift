// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import JSON

/// How the host opens a session.
public struct GenesysAcceptance: Hashable, Sendable {
    /// Whether the client shall send no audio until `resume`.
    public var startPaused: Bool
    /// Deliver audio only from this place of the client's stream.
    public var discardTo: MediaDuration?
    /// Language tags; sent only when the client asked for them.
    public var supportedLanguages: [String]

    public init(
        startPaused: Bool = false, discardTo: MediaDuration? = nil,
        supportedLanguages: [String] = []
    ) {
        self.startPaused = startPaused
        self.discardTo = discardTo
        self.supportedLanguages = supportedLanguages
    }
}

/// Why the host does not open a session.
public enum GenesysRefusal: Hashable, Sendable {
    /// No bot of the requested name.
    case unknownBot
    case unauthorized
    /// Anything else; the text reaches the client.
    case failed(info: String)
}

extension GenesysSession {
    mutating func receive(_ open: GenesysOpen, at now: MediaInstant) -> [GenesysAction] {
        guard state == .preparing else { return violate(.repeatedOpen, at: now) }
        guard open.organizationID == identity.organizationID else {
            return violate(.organizationMismatch, at: now)
        }
        position = Self.position(of: open.position)
        wantsLanguages = open.wantsLanguages
        if open.isProbe {
            enter(.opening, at: now)
            return [sendOpened(GenesysAcceptance(), at: now), .probeAnswered]
        }
        if !open.wantsNoMedia {
            media = GenesysMedia.select(from: open.offers, for: mode)
            if media == nil { return violate(.noSupportedMedia, at: now) }
        }
        enter(.opening, at: now)
        hasCall = true
        return [.openRequested(start(open))]
    }

    private func start(_ open: GenesysOpen) -> GenesysSessionStart {
        GenesysSessionStart(
            mode: mode, identity: identity, organizationID: open.organizationID,
            conversationID: open.conversationID, participant: open.participant, media: media,
            language: open.language, inputVariables: open.inputVariables,
            customConfig: open.customConfig, position: position)
    }

    /// Answers `openRequested`: the call is ready. Nothing happens when the session ended while
    /// the host was busy.
    public mutating func accept(
        _ acceptance: GenesysAcceptance = GenesysAcceptance(), at now: MediaInstant
    ) -> [GenesysAction] {
        guard state == .opening else { return [] }
        return [sendOpened(acceptance, at: now)]
    }

    /// Answers `openRequested`: there will be no call.
    public mutating func refuse(_ refusal: GenesysRefusal, at now: MediaInstant) -> [GenesysAction]
    {
        guard state == .opening else { return [] }
        return switch refusal {
        case .unknownBot: disconnect(.error, info: "bot does not exist", at: now)
        case .unauthorized: disconnect(.unauthorized, at: now)
        case .failed(let info): disconnect(.error, info: info, at: now)
        }
    }

    private mutating func sendOpened(
        _ acceptance: GenesysAcceptance, at now: MediaInstant
    ) -> GenesysAction {
        var parameters = JSONObject()
        parameters.append("media", .array(media.map { [$0.json] } ?? []))
        if acceptance.startPaused { parameters.append("startPaused", true) }
        if let discardTo = acceptance.discardTo {
            parameters.append("discardTo", .string(GenesysDuration.text(of: discardTo)))
        }
        if wantsLanguages {
            parameters.append(
                "supportedLanguages", .array(acceptance.supportedLanguages.map { .string($0) }))
        }
        enter(.active, at: now)
        isPauseAnswerDue = acceptance.startPaused
        return message("opened", parameters)
    }
}
