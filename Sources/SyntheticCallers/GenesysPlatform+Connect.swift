// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore

extension GenesysCallOptions {
    /// The upgrade request's headers (AudioHook protocol v2, connection).
    func headers(
        target: String, authority: String, unixTime: Int
    ) -> [(String, String)] {
        var headers = [
            ("Audiohook-Organization-Id", organization), ("Audiohook-Session-Id", session),
            ("Audiohook-Correlation-Id", correlation),
        ]
        guard let credentials else { return headers }
        headers.append(("X-API-KEY", credentials.key))
        guard let secret = credentials.secret else { return headers }
        var generator = SeededGenerator(seed: seed ^ UInt64(truncatingIfNeeded: unixTime))
        // At least 22 characters are asked for: a UUID without its dashes has 32.
        let nonce = generator.uuid().filter { $0 != "-" }
        let message = GenesysSignature(
            target: target, authority: authority, organization: organization, session: session,
            correlation: correlation, key: credentials.key, secret: secret, nonce: nonce,
            created: unixTime, expires: unixTime + 10)
        headers.append(("Signature-Input", message.input))
        headers.append(("Signature", "sig1=:\(message.signature):"))
        return headers
    }

    /// The `media` of `open`: one object per offer.
    var offeredMedia: [JSONValue] {
        offers.map { channels in
            [
                "type": "audio", "format": "PCMU",
                "channels": .array(channels.names.map { .string($0) }), "rate": 8000,
            ]
        }
    }

    var openParameters: JSONValue {
        var members: [JSONValue.Member] = [
            .init("organizationId", .string(organization)),
            .init("conversationId", .string(conversation)),
            .init(
                "participant",
                [
                    "id": .string(participant.id), "ani": .string(participant.ani),
                    "aniName": .string(participant.aniName), "dnis": .string(participant.dnis),
                ]),
            .init("media", .array(offeredMedia)),
        ]
        if let language { members.append(.init("language", .string(language))) }
        if asksForLanguages { members.append(.init("supportedLanguages", true)) }
        if let customConfig { members.append(.init("customConfig", Self.object(customConfig))) }
        if product == .connector {
            members.append(.init("inputVariables", Self.object(inputVariables)))
        }
        return .object(members)
    }

    private static func object(_ strings: [String: String]) -> JSONValue {
        .object(strings.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
    }
}

extension GenesysPlatform {
    package mutating func connected(_ connection: Int, at now: MediaInstant) {
        isStale = true
        guard phase == .connecting else { return }
        log.note(.platform, "connected", at: now)
        phase = .opening
        timeoutAt = now + options.limits.openTimeout
        hangUpAt = now + script.longest
        send("open", options.openParameters)
    }

    package mutating func failed(_ connection: Int, reason: String, at now: MediaInstant) {
        isStale = true
        log.note(.server, "refused", reason, at: now)
        log.end(.refused, reason)
        finish(at: now)
    }

    package mutating func closed(
        _ connection: Int, code: UInt16?, fault: String?, at now: MediaInstant
    ) {
        isStale = true
        switch phase {
        case .leaving:
            log.note(.platform, "hung up", at: now)
        case .opening, .active, .closing:
            log.lost("The WebSocket", code: code, fault: fault, at: now)
            log.end(.failed, "The connection was lost")
            _ = playback?.flush(at: now)
        case .idle, .connecting, .finished:
            log.end(.failed, "The connection was lost")
        }
        finish(at: now)
    }
}
