// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import WebSocketTransport

/// A call to place: from which platform, to where, and what the caller does.
public struct SyntheticCall: Sendable {
    public enum Platform: Hashable, Sendable {
        case genesys(GenesysCallOptions)
        case cxone(CXoneCallOptions)
    }

    /// How the call reaches the server.
    enum Leg {
        case webSocket(Platform, WebSocketURL, ClientTLS?)
        case webex(WebexCallOptions, WebexEndpoint)
    }

    let leg: Leg
    /// What the caller does (CXone: the contact).
    public var script: CallerScript
    /// What the agent says, where the platform has one: Genesys Monitor and CXone.
    public var agent: CallerScript?
    /// Keeps both sides' audio, 16,000 bytes a second; leave it out under load.
    public var isRecorded: Bool
    /// What the caller's side does wrong, once.
    public var misbehaviour: CallerMisbehaviour?

    /// A call over WebSockets.
    ///
    /// - Parameter tls: for `wss`; nil trusts the system's authorities.
    public init(
        _ platform: Platform, to url: WebSocketURL, tls: ClientTLS? = nil, script: CallerScript,
        agent: CallerScript? = nil, isRecorded: Bool = true
    ) {
        leg = .webSocket(platform, url, tls)
        self.script = script
        self.agent = agent
        self.isRecorded = isRecorded
    }

    /// A Webex call over gRPC.
    public init(
        _ options: WebexCallOptions, to endpoint: WebexEndpoint, script: CallerScript,
        isRecorded: Bool = true
    ) {
        leg = .webex(options, endpoint)
        self.script = script
        self.isRecorded = isRecorded
    }
}

/// What goes wrong at the caller's side: a server must bear it without harm to other calls.
public struct CallerMisbehaviour: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Reads nothing for a while, and goes on sending.
        case slowReader
        /// Neither reads nor sends nor closes; in the end the connection breaks.
        case deadPeer
    }

    public var kind: Kind
    /// After the call began.
    public var begins: MediaDuration
    public var lasts: MediaDuration

    public init(_ kind: Kind, begins: MediaDuration, lasts: MediaDuration) {
        self.kind = kind
        self.begins = begins
        self.lasts = lasts
    }
}

/// What became of a call.
public struct CallResult: Sendable {
    public let report: CallReport
    /// Empty when the call was not recorded.
    public let recording: CallRecording
    /// Every lateness of the generator, to be merged over many calls.
    public let generator: LatenessHistogram

    package init(report: CallReport, recording: CallRecording, generator: LatenessHistogram) {
        self.report = report
        self.recording = recording
        self.generator = generator
    }
}
