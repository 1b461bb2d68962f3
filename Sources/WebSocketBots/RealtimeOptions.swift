// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// How a conversation with OpenAI's Realtime interface is held.
public struct RealtimeOptions: Sendable {
    /// Who finds out when the caller has finished and when they interrupt.
    public enum TurnDetection: String, Hashable, Sendable, CaseIterable {
        case serverVAD = "server_vad"
        case semanticVAD = "semantic_vad"
        /// Sidetone's own endpoints and barge-in; the model is told.
        case sidetone
    }

    public var dialect = RealtimeDialect.ga
    public var voice = "marin"
    public var instructions = ""
    public var turnDetection = TurnDetection.serverVAD
    /// `pcmu` and `pcma` at 8 kHz, `pcm16` at 24 kHz.
    public var encoding = WireAudio.Encoding.pcmu
    /// Whether the model speaks first.
    public var greets = true

    public init() {}
}
