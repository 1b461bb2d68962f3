// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

extension ServerConfiguration {
    /// A bot that runs elsewhere and is reached by WebSocket.
    public struct Remote: Hashable, Sendable {
        /// A header of the request that opens a connection.
        public struct Header: Hashable, Sendable {
            public var name: String
            public var value: Secret
        }

        public enum Encoding: String, Hashable, Sendable, CaseIterable {
            case pcm16, opus
        }

        /// `nil`: none is given.
        public var url: String?
        public var headers: [Header]
        /// Path of a PEM file; `nil`: the system's authorities are trusted.
        public var authorities: String?
        public var encoding: Encoding
        /// In hertz.
        public var rate: Int
        /// For each attempt: until the connection is open, and then until the bot has answered.
        public var answerTimeout: MediaDuration
        public var reconnects: Int
        /// The bot's audio that may wait to be heard.
        public var window: MediaDuration
        /// Path of a recording; `nil`: a caller whose bot fails hears none.
        public var apology: String?
        /// `nil`: a call whose bot fails is ended.
        public var transfer: String?
    }

    /// A model of OpenAI's, or one that speaks its Realtime interface.
    public struct Realtime: Hashable, Sendable {
        public enum Dialect: String, Hashable, Sendable, CaseIterable {
            case ga, beta
        }

        public enum TurnDetection: String, Hashable, Sendable, CaseIterable {
            case serverVAD = "server_vad"
            case semanticVAD = "semantic_vad"
            case sidetone
        }

        public enum Audio: String, Hashable, Sendable, CaseIterable {
            case pcmu, pcma, pcm16
        }

        public var url: String
        public var model: String
        public var apiKey: Secret?
        public var dialect: Dialect
        public var voice: String
        public var instructions: String?
        public var turnDetection: TurnDetection
        public var audio: Audio
        /// Whether the model speaks first.
        public var greets: Bool
    }
}
