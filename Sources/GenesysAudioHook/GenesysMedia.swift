// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import JSON

/// The encodings of the protocol, by their names on the wire.
public enum GenesysEncoding: String, Hashable, Sendable, CaseIterable {
    case pcmu = "PCMU"
    case l16 = "L16"

    /// How samples are written; see ``GenesysPolicy/encodings`` for the byte order of L16.
    public var audioEncoding: AudioEncoding {
        switch self {
        case .pcmu: .pcmu
        case .l16: .linear16LittleEndian
        }
    }
}

/// The channel layouts of the protocol. External is the customer, internal the agent.
public enum GenesysChannels: Hashable, Sendable, CaseIterable {
    case external
    case `internal`
    /// Interleaved, external first.
    case both

    /// Names as in `media.channels`, in the order of the samples.
    public var names: [String] {
        switch self {
        case .external: ["external"]
        case .internal: ["internal"]
        case .both: ["external", "internal"]
        }
    }

    public var count: Int { names.count }
}

/// What a session is for; the integration's address decides.
public enum GenesysMode: String, Hashable, Sendable {
    /// AudioHook Monitor: a copy of a call. Nothing may be played.
    case monitor
    /// Audio Connector: a bot talks with the customer.
    case connector

    /// Channel layouts that this mode takes, best first.
    var channels: [GenesysChannels] {
        switch self {
        case .monitor: GenesysPolicy.monitorChannels
        case .connector: GenesysPolicy.connectorChannels
        }
    }
}

/// One element of `media`: what the client offers and the server picks.
public struct GenesysMedia: Hashable, Sendable {
    public var encoding: GenesysEncoding
    public var channels: GenesysChannels

    public init(_ encoding: GenesysEncoding, _ channels: GenesysChannels) {
        self.encoding = encoding
        self.channels = channels
    }

    /// The format of the binary messages.
    public var format: AudioFormat {
        AudioFormat(
            encoding.audioEncoding, rate: GenesysPolicy.rate, channels: channels == .both ? 2 : 1)
    }

    /// Reads one element. Nil for a type, format, rate or layout that this version of the protocol
    /// does not have: such an offer is passed over, the others still count.
    init?(_ value: JSONObject) {
        guard value["type"]?.string == "audio",
            value["rate"]?.integer == Int64(GenesysPolicy.rate.hertz),
            let format = value["format"]?.string, let encoding = GenesysEncoding(rawValue: format),
            let names = value["channels"]?.array,
            let channels = GenesysChannels.allCases.first(where: {
                $0.names.map(JSONValue.string) == names
            })
        else { return nil }
        self.init(encoding, channels)
    }

    var json: JSONValue {
        [
            "type": "audio", "format": .string(encoding.rawValue),
            "channels": .array(channels.names.map { .string($0) }),
            "rate": .integer(Int64(GenesysPolicy.rate.hertz)),
        ]
    }

    /// Picks the best offer for `mode`: the encoding decides before the layout.
    static func select(from offers: [GenesysMedia], for mode: GenesysMode) -> GenesysMedia? {
        for encoding in GenesysPolicy.encodings {
            for channels in mode.channels {
                let wanted = GenesysMedia(encoding, channels)
                if offers.contains(wanted) { return wanted }
            }
        }
        return nil
    }
}
