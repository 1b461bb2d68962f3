// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Everything a client can do wrong, each counted under its own name.
///
/// What follows is fixed by ``consequence``: most end the session with `disconnect`, as AudioHook
/// protocol v2 and its reference implementation have it; some are only counted.
public enum GenesysViolation: String, Error, Hashable, Sendable, CaseIterable {
    case textTooLarge = "text_too_large"
    case notJSON = "not_json"
    case malformedMessage = "malformed_message"
    case identifierMismatch = "identifier_mismatch"
    case invalidSequence = "invalid_seq"
    case invalidServerSequence = "invalid_serverseq"
    case invalidParameters = "invalid_parameters"
    case firstMessageNotOpen = "first_message_not_open"
    case organizationMismatch = "organization_mismatch"
    case noSupportedMedia = "no_supported_media"
    case audioBeforeOpened = "audio_before_opened"
    case audioWhilePaused = "audio_while_paused"
    case audioAfterClose = "audio_after_close"
    case audioWithoutMedia = "audio_without_media"
    case partialFrame = "partial_frame"
    case openTimedOut = "open_timed_out"
    case setUpTimedOut = "set_up_timed_out"
    case peerSilent = "peer_silent"

    case unsupportedType = "unsupported_type"
    case repeatedOpen = "repeated_open"
    case unexpectedPauseState = "unexpected_pause_state"
    case unexpectedMessage = "unexpected_message"
    case unknownDigit = "unknown_digit"
    case unknownCloseReason = "unknown_close_reason"
    case ignoredAfterEnd = "ignored_after_end"
    case closeTimedOut = "close_timed_out"

    public enum Consequence: Hashable, Sendable {
        /// `disconnect` with reason `error`, then wait for `close`.
        case error(info: String)
        /// `disconnect` with reason `unauthorized`, then wait for `close`.
        case unauthorized
        /// Counted and otherwise ignored.
        case counted
    }

    public var consequence: Consequence {
        switch self {
        case .textTooLarge: .error(info: "text message too large")
        case .notJSON: .error(info: "not valid JSON")
        case .malformedMessage: .error(info: "not a well-formed client message")
        case .identifierMismatch: .error(info: "session identifier mismatch")
        case .invalidSequence: .error(info: "invalid seq value")
        case .invalidServerSequence: .error(info: "invalid serverseq value")
        case .invalidParameters: .error(info: "invalid parameters")
        case .firstMessageNotOpen: .error(info: "first message is not open")
        case .organizationMismatch: .unauthorized
        case .noSupportedMedia: .error(info: "no supported media")
        case .audioBeforeOpened: .error(info: "received audio before opened")
        case .audioWhilePaused: .error(info: "received audio in state paused")
        case .audioAfterClose: .error(info: "received audio in state closing")
        case .audioWithoutMedia: .error(info: "received audio without selected media")
        case .partialFrame: .error(info: "not a valid audio frame")
        case .openTimedOut: .error(info: "no open message in time")
        case .setUpTimedOut: .error(info: "session set-up timed out")
        case .peerSilent: .error(info: "nothing received for too long")
        case .unsupportedType, .repeatedOpen, .unexpectedPauseState, .unexpectedMessage,
            .unknownDigit, .unknownCloseReason, .ignoredAfterEnd, .closeTimedOut:
            .counted
        }
    }
}
