// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import JSON

/// What a client message asks for, read from its type and parameters.
enum GenesysClientMessage: Equatable {
    case open(GenesysOpen)
    case close(GenesysCloseReason?)
    case discarded(start: MediaDuration, length: MediaDuration)
    case error(code: Int, message: String, retryAfter: MediaDuration?)
    case paused
    case ping(roundTrip: MediaDuration?)
    case resumed(start: MediaDuration, discarded: MediaDuration)
    case update(language: String?)
    /// Nil for a text that is no key of a telephone.
    case digit(DTMFDigit?)
    case playbackStarted
    case playbackCompleted

    /// - Throws: `unsupportedType` or `invalidParameters`.
    init(_ envelope: GenesysEnvelope) throws(GenesysViolation) {
        let parameters = GenesysParameters(envelope.parameters)
        switch envelope.type {
        case "open":
            self = .open(try GenesysOpen(parameters, position: envelope.position))
        case "close":
            // A close is never refused, whatever its reason: there would be nothing to wait for.
            self = .close(
                envelope.parameters["reason"]?.string.flatMap { GenesysCloseReason(rawValue: $0) })
        case "discarded":
            self = .discarded(
                start: try parameters.duration("start"),
                length: try parameters.duration("discarded"))
        case "error":
            let code = try parameters.integer("code")
            guard (400...9999).contains(code) else { throw .invalidParameters }
            self = .error(
                code: Int(code), message: try parameters.string("message"),
                retryAfter: try parameters.optionalDuration("retryAfter"))
        case "paused":
            self = .paused
        case "ping":
            self = .ping(roundTrip: try parameters.optionalDuration("rtt"))
        case "resumed":
            self = .resumed(
                start: try parameters.duration("start"),
                discarded: try parameters.duration("discarded"))
        case "update":
            self = .update(language: try parameters.optionalLanguage("language"))
        case "dtmf":
            self = .digit(Self.digit(try parameters.string("digit")))
        case "playback_started":
            self = .playbackStarted
        case "playback_completed":
            self = .playbackCompleted
        default:
            throw .unsupportedType
        }
    }

    private static func digit(_ text: String) -> DTMFDigit? {
        text.count == 1 ? text.first.flatMap { DTMFDigit($0) } : nil
    }
}

/// Why the client closes.
public enum GenesysCloseReason: String, Hashable, Sendable, CaseIterable {
    case end
    case error
    /// The answer to our `disconnect`.
    case disconnect
    case reconnect
}
