// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import Logging
public import MediaEngine

/// Everything `sidetone serve` is told: read once at the start, never changed after it.
public struct ServerConfiguration: Hashable, Sendable {
    public var server: Server
    public var operations: Operations
    public var genesys: Genesys
    public var cxone: CXone
    public var webex: Webex
    public var bot: Bot
    public var remote: Remote
    public var realtime: Realtime

    /// The listening socket, and limits of the whole process.
    public struct Server: Hashable, Sendable {
        public var host: String
        /// 0 takes an unused port.
        public var port: Int
        /// `nil`: without encryption.
        public var tls: TLS?
        /// Event loops; `nil`: one per core.
        public var shards: Int?
        public var maximumCalls: Int
        /// Memory that all calls may declare to need, in bytes; `nil`: by the machine's.
        public var memoryLimit: Int?
        public var logLevel: Logger.Level
        /// How long a stopping server lets calls finish.
        public var drainDeadline: MediaDuration
    }

    /// Figures and health, over plain HTTP.
    public struct Operations: Hashable, Sendable {
        public var host: String
        /// `nil`: not served.
        public var port: Int?
    }

    /// Paths of two PEM files that were there when the configuration was read.
    public struct TLS: Hashable, Sendable {
        public var certificate: String
        public var privateKey: String

        public init(certificate: String, privateKey: String) {
            self.certificate = certificate
            self.privateKey = privateKey
        }
    }

    /// Genesys AudioHook, protocol version 2.
    public struct Genesys: Hashable, Sendable {
        public var isEnabled: Bool
        public var connectorPath: String
        public var monitorPath: String
        /// Empty: nobody needs a key.
        public var apiKeys: [APIKey]
    }

    /// A key that Genesys sends as `X-API-KEY`.
    public struct APIKey: Hashable, Sendable {
        public var key: Secret
        /// Base64 of the key of the HMAC, checked to be base64; `nil`: requests are not signed.
        public var secret: Secret?

        public init(key: Secret, secret: Secret? = nil) {
            self.key = key
            self.secret = secret
        }
    }

    /// The NICE CXone audio hook and its text webhook.
    public struct CXone: Hashable, Sendable {
        public var isEnabled: Bool
        public var path: String
        public var token: Secret?
        public var gracePeriod: MediaDuration
        public var webhookPath: String
        public var webhookAuthorization: Secret?
    }

    /// Webex Contact Center over gRPC: virtual agents and media forking.
    public struct Webex: Hashable, Sendable {
        public enum AnswerMode: String, Hashable, Sendable, CaseIterable {
            case chunk, wav
        }

        /// A bot that a flow may choose.
        public struct VirtualAgent: Hashable, Sendable {
            public var id: String
            public var name: String
            /// Path of a script; `nil`: the bot that every call talks to.
            public var script: String?
        }

        public var isEnabled: Bool
        /// 0 takes an unused port.
        public var port: Int
        public var answerMode: AnswerMode
        /// At least one; the first is the default.
        public var virtualAgents: [VirtualAgent]
        /// `nil`: no token is asked.
        public var dataSourceURL: String?
        public var schemaUUID: String
        public var forkingSchemaUUID: String
        /// `nil`: any.
        public var audience: String?
        /// `nil`: any.
        public var subject: String?
        public var issuers: [String]
        /// Path of a PEM file; `nil`: no client certificate is asked.
        public var clientCA: String?
        /// `nil`: any that the authorities signed.
        public var clientSubject: String?
        public var idleTimeout: MediaDuration
        /// `nil`: not served.
        public var pingPath: String?
    }

    /// The bot that every call talks to.
    public struct Bot: Hashable, Sendable {
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            case scripted, echo, websocket
            case openAIRealtime = "openai-realtime"
        }

        public enum EndpointProfile: String, Hashable, Sendable, CaseIterable {
            case responsive, patient, adaptive
        }

        public var kind: Kind
        /// Path of a script; `nil`: the one that comes with the package.
        public var script: String?
        public var endpointProfile: EndpointProfile
        /// `false` overrules every prompt of a script.
        public var allowsBargeIn: Bool
        public var bargeInMode: BargeInPolicy.Mode
        /// Evidence that an interruption takes.
        public var bargeInSensitivity: Int
        /// Whether bots are given the caller's audio without the bot's echo.
        public var cleansAudio: Bool
        /// Path of a recording that bridges a late answer; `nil`: nothing does.
        public var filler: String?
        /// How long after the caller's last word it begins.
        public var fillerDelay: MediaDuration
    }

    /// What is allowed but seldom meant, one sentence each: for the log at the start.
    public var warnings: [String] {
        var warnings: [String] = []
        let isLocal = ["127.0.0.1", "::1", "localhost"].contains(server.host)
        if genesys.isEnabled, genesys.apiKeys.isEmpty, !isLocal {
            warnings.append(
                "genesys.api_keys is empty: whoever reaches \(server.host) may place calls")
        }
        if cxone.isEnabled, cxone.token == nil, !isLocal {
            warnings.append("cxone.token is not set: whoever reaches \(server.host) may send audio")
        }
        if cxone.isEnabled, cxone.webhookAuthorization == nil, !isLocal {
            warnings.append(
                "cxone.webhook_authorization is not set: whoever reaches \(server.host) may post")
        }
        if webex.isEnabled, webex.dataSourceURL == nil, !isLocal {
            warnings.append(
                "webex.data_source_url is not set: whoever reaches \(server.host) may place calls")
        }
        if webex.isEnabled, server.tls == nil, !isLocal {
            warnings.append(
                "server.tls_certificate is not set: Webex connects to gRPC over TLS only")
        }
        if operations.port != nil, !["127.0.0.1", "::1", "localhost"].contains(operations.host) {
            warnings.append("operations.host: whoever reaches \(operations.host) may read figures")
        }
        if bot.kind != .scripted, bot.script != nil {
            warnings.append("bot.script is not used: bot.kind is \(bot.kind.rawValue)")
        }
        if bot.kind == .websocket, remote.url?.hasPrefix("ws:") ?? false {
            warnings.append("remote.url is not encrypted: the caller's voice and keys go over it")
        }
        if !genesys.isEnabled, !cxone.isEnabled, !webex.isEnabled {
            warnings.append("no platform is enabled: the server will take no call")
        }
        return warnings
    }
}
