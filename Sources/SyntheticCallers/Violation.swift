// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Something the server did that the platform's protocol does not allow.
public struct Violation: Codable, Hashable, Sendable {
    /// Since the call began to connect.
    public var at: Milliseconds
    public var rule: Rule
    /// What was seen, for a person to read.
    public var detail: String

    enum CodingKeys: String, CodingKey {
        case at = "at_ms"
        case rule, detail
    }

    /// The rules that are checked. Raw values appear in reports.
    public enum Rule: String, Codable, CaseIterable, Sendable {
        // AudioHook protocol v2, envelope
        case notJSON = "not-json"
        case textTooLarge = "text-too-large"
        case envelope
        case version
        case sessionIdentifier = "session-id"
        case sequence = "seq"
        case clientSequence = "clientseq"
        case clientMember = "client-member"
        case unknownType = "unknown-type"
        case parameters
        // AudioHook protocol v2, order and time
        case unexpectedMessage = "unexpected-message"
        case selectedMedia = "selected-media"
        case pongMismatch = "pong-mismatch"
        case openTimeout = "open-timeout"
        case pongTimeout = "pong-timeout"
        case closeTimeout = "close-timeout"
        case secondDisconnect = "second-disconnect"
        case outputVariables = "output-variables"
        // AudioHook protocol v2, audio and rates
        case unexpectedBinary = "unexpected-binary"
        case binarySize = "binary-size"
        case binaryRate = "binary-rate"
        case textRate = "text-rate"
        case ignoredRetryAfter = "ignored-retry-after"
        case tailCut = "tail-cut"
        case connectorOnly = "connector-only"
        case probeTreatedAsCall = "probe-treated-as-call"
        // CXone audio hook
        case reply
        case replyLate = "reply-late"
        case replyTimeout = "reply-timeout"
        case refusalNotClosed = "refusal-not-closed"
        // Webex voice virtual agent, form
        case undecodable
        case unknownEnum = "unknown-enum"
        case severalEvents = "several-events"
        case inputHandling = "input-handling"
        case inputHandlingMissing = "input-handling-missing"
        case textNotLast = "text-not-last"
        // Webex voice virtual agent, prompts
        case modeSwitched = "mode-switched"
        case wavHeader = "wav-header"
        case headerInChunk = "header-in-chunk"
        case chunkSize = "chunk-size"
        case textInChunk = "text-in-chunk"
        case finalWithAudio = "final-with-audio"
        case promptOnSessionEnd = "prompt-on-session-end"
        case staleOutput = "stale-output"
        // Webex voice virtual agent, order and time
        case partialNotAllowed = "partial-not-allowed"
        case secondFinal = "second-final"
        case outputAfterFinal = "output-after-final"
        case outputAfterCompletion = "output-after-completion"
        case outputAfterEnd = "output-after-end"
        case eventOutOfPlace = "event-out-of-place"
        case startOfInputDuringPrompt = "start-of-input-during-prompt"
        case endWithoutStart = "end-of-input-without-start"
        case answerWithoutEnd = "answer-without-end-of-input"
        case responseToStartOfDigits = "response-to-start-of-dtmf"
        case responseLate = "response-late"
        case noAnswer = "no-answer"
        case noFinal = "no-final"
        case notCompleted = "not-completed"
        case errorStatus = "error-status"
        // RFC 6455
        case webSocket = "websocket"
        case closedByServer = "closed-by-server"
        case socketNotClosed = "socket-not-closed"

        /// The code that a Genesys client puts into its `error` message before it closes the
        /// session; nil for what only a test tool would notice, where the call goes on.
        package var errorCode: Int? {
            switch self {
            case .notJSON, .envelope, .version, .sessionIdentifier, .sequence, .clientSequence,
                .clientMember, .unknownType, .parameters, .selectedMedia, .pongMismatch:
                400
            case .openTimeout, .pongTimeout: 408
            case .unexpectedMessage: 409
            case .textTooLarge, .binarySize: 413
            case .unexpectedBinary: 415
            default: nil
            }
        }
    }
}
