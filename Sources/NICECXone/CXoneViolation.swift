// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Everything a client can do wrong, each counted under its own name.
public enum CXoneViolation: String, Error, Hashable, Sendable, CaseIterable {
    case audioBeforeInitialMessage = "audio_before_initial_message"
    case initialMessageTimedOut = "initial_message_timed_out"
    case textTooLarge = "text_too_large"
    case notJSON = "not_json"
    case notAnObject = "not_an_object"
    case wrongToken = "wrong_token"
    case badExecutionInfo = "bad_execution_info"
    case badPerspective = "bad_perspective"
    case audioTooLarge = "audio_too_large"

    case audioBeforeReply = "audio_before_reply"
    case textAfterInitialMessage = "text_after_initial_message"
    case emptyAudio = "empty_audio"

    public enum Consequence: Hashable, Sendable {
        /// An `ERROR` reply with this message, then a close. It never quotes the peer.
        case error(message: String)
        case close(code: UInt16)
        /// Counted and otherwise ignored.
        case counted
    }

    public var consequence: Consequence {
        switch self {
        case .notJSON: .error(message: "initial message is not JSON")
        case .notAnObject: .error(message: "initial message is not an object")
        case .wrongToken: .error(message: "authentication failed")
        case .badExecutionInfo:
            .error(message: "executionInfo needs contactId and busNo as integers")
        case .badPerspective: .error(message: "streamPerspective must be TX, RX or MIX")
        case .audioBeforeInitialMessage, .initialMessageTimedOut:
            .close(code: CXonePolicy.refusalCloseCode)
        case .textTooLarge, .audioTooLarge: .close(code: CXonePolicy.tooLargeCloseCode)
        case .audioBeforeReply, .textAfterInitialMessage, .emptyAudio: .counted
        }
    }
}
