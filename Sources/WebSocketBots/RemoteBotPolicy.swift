// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import NIOHTTP1
public import WebSocketTransport

/// Where a far bot is reached.
public struct BotTarget: Sendable {
    public var url: WebSocketURL
    /// Added to the request that opens the connection.
    public var headers: HTTPHeaders
    /// Nil trusts the system's authorities.
    public var tls: ClientTLS?

    public init(url: WebSocketURL, headers: HTTPHeaders = [:], tls: ClientTLS? = nil) {
        self.url = url
        self.headers = headers
        self.tls = tls
    }
}

/// What a far bot may take, and what the caller gets when it is not there.
public struct RemoteBotPolicy: Sendable {
    /// For each attempt: until the connection is open, and then until the bot has answered.
    public var answerTimeout = MediaDuration.milliseconds(3000)
    /// Attempts in a row after the first.
    public var reconnects = 3
    /// A connection on which nothing arrives for twice this long is lost.
    public var pingInterval = MediaDuration.milliseconds(10_000)
    /// The caller's audio that is kept for a bot that is away or slow; the oldest goes first.
    public var backlog = MediaDuration.milliseconds(5000)
    /// The bot's audio that may wait to be heard.
    public var window = MediaDuration.milliseconds(30_000)
    /// The longest message of the bot, in bytes.
    public var maximumMessageBytes = 1024 * 1024
    /// Played when the bot is given up.
    public var apology: AudioClip?
    /// Where the caller goes then; nil ends the call as failed.
    public var transfer: String?

    public init() {}
}
