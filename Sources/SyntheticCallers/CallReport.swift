// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// What a synthetic call saw and measured.
///
/// All instants are milliseconds since the call began to connect. Latencies run from the caller's
/// mouth: the last voiced sample on the caller's timeline, not the message that carried it.
public struct CallReport: Codable, Hashable, Sendable {
    /// `genesys`, `cxone` or `webex`.
    public var platform: String
    /// The platform's own name of the call.
    public var call: String
    public var duration: Milliseconds
    /// Audio began to flow; nil when the call never got there. Recordings start here.
    public var mediaStart: Milliseconds?
    public var ending: Ending
    public var turns: [Turn]
    public var interruptions: [Interruption]
    public var responses: [Response]
    public var underruns: [Underrun]
    public var violations: [Violation]
    public var timeline: [TimelineEvent]
    public var levels: Levels
    public var counts: Counts
    /// How late the generator itself sent its audio.
    public var generator: Spread
    /// From `ping` to `pong`; nil where there was none.
    public var pong: Spread?
    /// Genesys and Webex: what the bot handed to the flow; Webex: also `session_summary` and
    /// `session_transcript`.
    public var outputVariables: [String: String]

    enum CodingKeys: String, CodingKey {
        case platform, call
        case duration = "duration_ms"
        case mediaStart = "media_start_ms"
        case ending, turns, interruptions, responses, underruns, violations, timeline, levels
        case counts
        case generator = "generator_lateness"
        case pong
        case outputVariables = "output_variables"
    }

    /// How the call ended.
    public struct Ending: Codable, Hashable, Sendable {
        public enum Kind: String, Codable, Sendable {
            /// The caller hung up, and the close was complete.
            case byCaller = "caller-hung-up"
            /// The bot ended it in the platform's way.
            case byBot = "bot-ended"
            /// The server did not take the call.
            case refused
            /// A rule was broken, the connection was lost, or a time limit passed.
            case failed
        }

        public var kind: Kind
        public var detail: String

        package init(kind: Kind, detail: String) {
            self.kind = kind
            self.detail = detail
        }
    }

    /// One utterance of the caller and what the bot answered.
    public struct Turn: Codable, Hashable, Sendable {
        public var clip: String
        public var words: String?
        public var speechStart: Milliseconds
        public var speechEnd: Milliseconds
        /// The message with the last voiced sample left the platform.
        public var sent: Milliseconds
        /// First audio of the answer at the platform; nil when none came.
        public var arrived: Milliseconds?
        /// The first sample of the answer plays.
        public var heard: Milliseconds?
        /// The first sample above the noise plays.
        public var sounded: Milliseconds?
        /// `arrived` - `speechEnd`; negative when the bot began before the caller had finished.
        public var arrivalLatency: Milliseconds?
        /// `heard` - `speechEnd`.
        public var responseLatency: Milliseconds?
        public var answeredEarly: Bool
        /// Webex: START_OF_INPUT came, the first after `speechStart`.
        public var startOfInput: Milliseconds?
        /// Webex: END_OF_INPUT came, the first after `speechEnd`, or the last before it.
        public var endOfInput: Milliseconds?
        /// `startOfInput` - `speechStart`.
        public var onsetLatency: Milliseconds?
        /// `endOfInput` - `speechEnd`; negative when the server did not wait for the end.
        public var endpointLatency: Milliseconds?
        /// `arrived` - `endOfInput`.
        public var promptLatency: Milliseconds?

        enum CodingKeys: String, CodingKey {
            case clip, words
            case speechStart = "speech_start_ms"
            case speechEnd = "speech_end_ms"
            case sent = "sent_ms"
            case arrived = "arrived_ms"
            case heard = "heard_ms"
            case sounded = "sounded_ms"
            case arrivalLatency = "arrival_latency_ms"
            case responseLatency = "response_latency_ms"
            case answeredEarly = "answered_early"
            case startOfInput = "start_of_input_ms"
            case endOfInput = "end_of_input_ms"
            case onsetLatency = "onset_latency_ms"
            case endpointLatency = "endpoint_latency_ms"
            case promptLatency = "prompt_latency_ms"
        }
    }

    /// The caller began to speak while the bot was heard.
    public struct Interruption: Codable, Hashable, Sendable {
        public var clip: String
        public var onset: Milliseconds
        /// The message with the first voiced sample left the platform.
        public var sent: Milliseconds
        /// The bot was silenced; nil when it talked on to its end.
        public var silenced: Milliseconds?
        /// `silenced` - `onset`.
        public var latency: Milliseconds?
        /// Audio that was thrown away unheard.
        public var dropped: Milliseconds
        /// Bot audio that came after the silencing and before the caller had finished: stale.
        public var stale: Milliseconds

        enum CodingKeys: String, CodingKey {
            case clip
            case onset = "onset_ms"
            case sent = "sent_ms"
            case silenced = "silenced_ms"
            case latency = "latency_ms"
            case dropped = "dropped_ms"
            case stale = "stale_ms"
        }
    }

    /// One answer of the bot as the caller heard it.
    public struct Response: Codable, Hashable, Sendable {
        public var arrived: Milliseconds
        public var start: Milliseconds
        public var end: Milliseconds
        public var messages: Int
        public var dropped: Milliseconds

        enum CodingKeys: String, CodingKey {
            case arrived = "arrived_ms"
            case start = "start_ms"
            case end = "end_ms"
            case messages
            case dropped = "dropped_ms"
        }
    }

    /// The platform had nothing to play in the middle of an answer.
    public struct Underrun: Codable, Hashable, Sendable {
        public var at: Milliseconds
        public var length: Milliseconds

        enum CodingKeys: String, CodingKey {
            case at = "at_ms"
            case length = "length_ms"
        }
    }

    /// Mean levels of the parts that carry sound, in dBov; nil when there were none.
    public struct Levels: Codable, Hashable, Sendable {
        public var caller: Double?
        public var bot: Double?

        enum CodingKeys: String, CodingKey {
            case caller = "caller_dbov"
            case bot = "bot_dbov"
        }
    }

    public struct Counts: Codable, Hashable, Sendable {
        public var textSent = 0
        public var binarySent = 0
        public var bytesSent = 0
        public var textReceived = 0
        public var binaryReceived = 0
        public var bytesReceived = 0
        /// All of them; the list in the report stops at a hundred.
        public var violations = 0
        /// Buffer flushes that came while the caller was silent: false interruptions.
        public var flushesInSilence = 0
        /// Most bot audio that waited at the platform.
        public var mostBuffered = Milliseconds(0)

        public init() {}

        enum CodingKeys: String, CodingKey {
            case textSent = "text_sent"
            case binarySent = "binary_sent"
            case bytesSent = "binary_bytes_sent"
            case textReceived = "text_received"
            case binaryReceived = "binary_received"
            case bytesReceived = "binary_bytes_received"
            case violations
            case flushesInSilence = "flushes_in_silence"
            case mostBuffered = "most_buffered_ms"
        }
    }

    /// Quantiles of a time.
    public struct Spread: Codable, Hashable, Sendable {
        public var count: Int
        public var p50: Milliseconds
        public var p99: Milliseconds
        public var maximum: Milliseconds

        enum CodingKeys: String, CodingKey {
            case count
            case p50 = "p50_ms"
            case p99 = "p99_ms"
            case maximum = "max_ms"
        }

        public init(_ histogram: LatenessHistogram) {
            count = histogram.count
            p50 = Milliseconds(histogram.value(at: 0.5))
            p99 = Milliseconds(histogram.value(at: 0.99))
            maximum = Milliseconds(histogram.maximum)
        }
    }
}
