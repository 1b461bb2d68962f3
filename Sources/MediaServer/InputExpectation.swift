// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import SpeechDetection

/// What a bot expects of the caller next. Platforms that gather input themselves (keys, silence)
/// are told; on the others it only says that the bot's answer is complete.
public struct InputExpectation: Hashable, Sendable {
    /// What may answer the bot.
    public enum Modes: Hashable, Sendable {
        case voice
        case digits
        case voiceAndDigits
    }

    /// How keys are gathered into one input.
    public struct Digits: Hashable, Sendable {
        /// The input is complete with so many keys.
        public var maximumCount: Int
        /// The key that completes the input early.
        public var terminator: DTMFDigit?
        /// Silence after a key that completes the input.
        public var between: MediaDuration

        public init(maximumCount: Int, terminator: DTMFDigit?, between: MediaDuration) {
            self.maximumCount = maximumCount
            self.terminator = terminator
            self.between = between
        }
    }

    public var modes: Modes
    /// What the caller is expected to say: it helps to know when they have said it.
    public var speech: ExpectedSpeech
    public var digits: Digits?
    /// The input is secret (card numbers): platforms that can keep it out of their records do.
    public var isSensitive: Bool
    /// Silence after which the platform reports that there was no input; nil leaves it to the
    /// platform.
    public var noInputTimeout: MediaDuration?

    public init(
        _ modes: Modes = .voiceAndDigits, speech: ExpectedSpeech = .freeSpeech,
        digits: Digits? = nil, isSensitive: Bool = false, noInputTimeout: MediaDuration? = nil
    ) {
        self.modes = modes
        self.speech = speech
        self.digits = digits
        self.isSensitive = isSensitive
        self.noInputTimeout = noInputTimeout
    }
}

/// An event of the platform's flow or of the bot, with a meaning that only these two know.
public struct CustomEvent: Hashable, Sendable {
    public var name: String
    /// May hold personal data: never logged. What is not text on the wire stands here as JSON.
    public var values: [String: String]

    public init(name: String, values: [String: String] = [:]) {
        self.name = name
        self.values = values
    }
}

/// What a platform tells the bot beside audio and keys.
public enum PlatformInput: Hashable, Sendable {
    /// The platform's own timer found that the caller said and pressed nothing.
    case noInput
    /// The platform gathers keys itself, and the keys before this are all of one input. Without
    /// any: the caller was asked for keys and pressed none.
    case digitsCompleted
    case custom(CustomEvent)
}
