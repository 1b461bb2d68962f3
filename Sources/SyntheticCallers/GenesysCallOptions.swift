// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import Foundation

/// A Genesys Cloud call to place: who calls, what is offered, how strictly the server is held to
/// the limits.
public struct GenesysCallOptions: Hashable, Sendable {
    /// The two products that share the AudioHook protocol.
    public enum Product: String, Hashable, Sendable {
        /// Audio Connector: a voice bot; audio both ways.
        case connector
        /// AudioHook Monitor: a copy of a call; nothing may come back but events.
        case monitor
    }

    /// Channels of a media offer, external first in stereo.
    public enum Channels: String, Hashable, Sendable, CaseIterable {
        case external, `internal`, both

        var names: [String] {
            switch self {
            case .external: ["external"]
            case .internal: ["internal"]
            case .both: ["external", "internal"]
            }
        }
    }

    /// The person on the line.
    public struct Participant: Hashable, Sendable {
        public var id: String
        public var ani: String
        public var aniName: String
        public var dnis: String

        public init(id: String, ani: String, aniName: String, dnis: String) {
            self.id = id
            self.ani = ani
            self.aniName = aniName
            self.dnis = dnis
        }
    }

    /// The API key of the integration, with the secret that signs requests when it has one.
    public struct Credentials: Hashable, Sendable {
        public enum Unusable: Error, Hashable, Sendable {
            case secretNotBase64
        }

        public let key: String
        let secret: [UInt8]?

        /// - Parameter secret: base64, as the integration shows it; nil leaves requests unsigned.
        public init(key: String, secret: String?) throws(Unusable) {
            self.key = key
            guard let secret else {
                self.secret = nil
                return
            }
            guard let bytes = Data(base64Encoded: secret), !bytes.isEmpty else {
                throw .secretNotBase64
            }
            self.secret = Array(bytes)
        }
    }

    public var product: Product
    public var organization: String
    public var session: String
    public var correlation: String
    public var conversation: String
    public var participant: Participant
    /// Offers in order of preference, all PCMU at 8 kHz: live offers are nothing else.
    public var offers: [Channels]
    public var language: String?
    /// Asks the server for its languages.
    public var asksForLanguages = false
    /// `customConfig` of the integration, sent as an object of strings.
    public var customConfig: [String: String]?
    public var inputVariables: [String: String]
    public var credentials: Credentials?
    /// The connection test of an activated integration: null identifiers, no audio, close at once.
    public private(set) var isProbe = false
    public var limits = GenesysLimits()
    /// Where in the noise the call begins, and which nonce it uses.
    public var seed: UInt64

    /// A call with identifiers drawn from `seed`: equal seeds make equal calls.
    public init(product: Product = .connector, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        self.product = product
        self.seed = seed
        organization = generator.uuid()
        session = generator.uuid()
        correlation = generator.uuid()
        conversation = generator.uuid()
        participant = Participant(
            id: generator.uuid(), ani: "+13175550100", aniName: "Synthetic Caller",
            dnis: "+18005550199")
        offers = product == .connector ? [.external] : [.both, .external, .internal]
        language = product == .connector ? "en-US" : nil
        inputVariables = [:]
    }

    /// The probe of `product`.
    public static func probe(product: Product = .connector, seed: UInt64) -> GenesysCallOptions {
        var options = GenesysCallOptions(product: product, seed: seed)
        options.isProbe = true
        options.conversation = nullIdentifier
        options.participant = Participant(id: nullIdentifier, ani: "", aniName: "", dnis: "")
        return options
    }

    static let nullIdentifier = "00000000-0000-0000-0000-000000000000"
}

/// What Genesys allows a server, and how long it waits. Rates and the message length are not in
/// the published protocol: the values are the strictest that servers in use report as safe, and
/// what the reference client does.
public struct GenesysLimits: Hashable, Sendable {
    public var binaryRate = MessageRate(sustained: 5, burst: 25)
    public var textRate = MessageRate(sustained: 5, burst: 25)
    public var binaryBytes = 64_000
    public var textCharacters = 65_535
    /// One audio message of ours.
    public var messageDuration = MediaDuration.milliseconds(200)
    public var openTimeout = MediaDuration.seconds(5)
    public var closeTimeout = MediaDuration.seconds(10)
    public var firstPing = MediaDuration.seconds(1)
    public var pingInterval = MediaDuration.seconds(5)
    /// What `retryAfter` of an error 429 asks for.
    public var retryAfter = MediaDuration.seconds(1)

    public init() {}
}
