// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// Version 1 of the protocol between Sidetone and a bot: `docs/bot-protocol.md`.
enum BotProtocol {
    static let version: Int64 = 1
    /// Offered as WebSocket subprotocol.
    static let subprotocol = "sidetone.bot.v1"

    static let nameLimit = 64
    static let liveResponseLimit = 32
    static let liveMarkLimit = 64
    /// Ended responses whose late audio is dropped without an error.
    static let rememberedResponses = 64
    /// Errors in a connection after which the bot is given up.
    static let errorLimit = 50
    /// Text messages of a bot: so many at once, and so many a second.
    static let messageBurst = 1000
    static let messagesPerSecond = 200
}

/// What a bot did wrong. The raw value is the code that it is told.
enum BotErrorCode: String, CaseIterable {
    case invalidJSON = "invalid_json"
    case invalidMessage = "invalid_message"
    case unknownType = "unknown_type"
    case unsupportedVersion = "unsupported_version"
    case unsupportedFormat = "unsupported_format"
    case notReady = "not_ready"
    case alreadyReady = "already_ready"
    case readyTimeout = "ready_timeout"
    case noResponse = "no_response"
    case responseExists = "response_exists"
    case unknownResponse = "unknown_response"
    case tooManyResponses = "too_many_responses"
    case tooManyMarks = "too_many_marks"
    case windowExceeded = "window_exceeded"
    case invalidAudio = "invalid_audio"
    case tooManyMessages = "too_many_messages"
    case tooManyErrors = "too_many_errors"

    /// Whether the connection ends with it.
    var isFatal: Bool {
        switch self {
        case .unsupportedVersion, .unsupportedFormat, .readyTimeout, .tooManyMessages,
            .tooManyErrors:
            true
        default: false
        }
    }
}

/// What is wrong with a bot's message, for the bot.
struct BotError: Error {
    var code: BotErrorCode
    var message: String

    init(_ code: BotErrorCode, _ message: String) {
        self.code = code
        self.message = message
    }
}
