// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import MediaServer
public import WebexMessages

/// One RPC of this process; the host numbers them.
public struct WebexRPCID: Hashable, Sendable {
    public let number: UInt64

    public init(number: UInt64) {
        self.number = number
    }
}

/// How a call's answers are written; never changed within a call (stated).
public enum WebexAnswerMode: Hashable, Sendable {
    /// Headerless audio as it comes, in any number of responses, then one without any.
    case chunk
    /// One response with a WAV file for each prompt, once the answer is complete.
    case wav
}

/// The call that a conversation asks for.
public struct WebexCallStart: Hashable, Sendable {
    public let conversationID: String
    public let organizationID: String
    /// Nil when none was named and none is configured.
    public let virtualAgentID: String?
    public let language: String?
    /// What the platform's flow hands to the bot. May hold personal data: never logged.
    public let inputs: [String: String]
}

/// What the host of a ``WebexConversation`` has to do, in order.
public enum WebexAction: Sendable {
    /// Begin the call; answer with `refuse` when that cannot be.
    case start(WebexCallStart)
    case respond(WebexRPCID, WebexVoiceVAResponse)
    /// As `respond`, with a response in octets: one that carries audio.
    case chunk(WebexRPCID, [UInt8])
    /// Complete the RPC: with OK, or with the status of a violation, which is to be counted.
    case finish(WebexRPCID, WebexViolation?)
    case suspendIngress
    case resumeIngress
    case playbackStarted
    case playbackCompleted
    /// The platform has cut what the bot was saying.
    case clear
    case digit(DTMFDigit)
    case input(PlatformInput)
    /// The call is over.
    case end(CallEndReason)
    /// Count this.
    case noted(WebexViolation)
}

/// What becomes of the audio in a request.
public enum WebexAudioVerdict: Hashable, Sendable {
    /// Give it to the engine; it is in this format.
    case accepted(AudioFormat)
    case ignored
}
