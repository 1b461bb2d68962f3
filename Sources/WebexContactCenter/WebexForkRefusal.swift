// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import MediaServer

/// Why an RPC of media forking was ended by us, each counted under its own name.
public enum WebexForkRefusal: String, Error, Hashable, Sendable, CaseIterable {
    case malformedMessage = "malformed_message"
    case missingConversation = "missing_conversation"
    case missingOrganization = "missing_organization"
    /// Neither `role` nor `role_id`.
    case missingLeg = "missing_leg"
    /// An identifier that is too long, or no plain text.
    case badIdentifier = "bad_identifier"
    /// Another conversation in the same RPC.
    case conversationChanged = "conversation_changed"
    /// The conversation belongs to another organisation.
    case wrongOrganization = "wrong_organization"
    case badEncoding = "bad_encoding"
    /// Neither 8 nor 16 kHz.
    case badRate = "bad_rate"
    /// Another format than the leg began with.
    case formatChanged = "format_changed"
    case tooManyLegs = "too_many_legs"
    case noCapacity = "no_capacity"
    case overloaded
    case outOfMemory = "out_of_memory"
    case draining
    case noSuchBot = "no_such_bot"

    /// The gRPC status that ends the RPC.
    enum Status: Hashable, Sendable {
        case invalidArgument
        case notFound
        case permissionDenied
        case resourceExhausted
        case unavailable
    }

    var status: Status {
        switch self {
        case .malformedMessage, .missingConversation, .missingOrganization, .missingLeg,
            .badIdentifier, .conversationChanged, .badEncoding, .badRate, .formatChanged:
            .invalidArgument
        case .wrongOrganization: .permissionDenied
        case .tooManyLegs, .noCapacity, .overloaded, .outOfMemory: .resourceExhausted
        case .draining: .unavailable
        case .noSuchBot: .notFound
        }
    }

    /// Whether a response with `ERROR_INVALID_AUDIO_FORMAT` goes before the status.
    var isAboutFormat: Bool {
        self == .badEncoding || self == .badRate || self == .formatChanged
    }

    /// What the peer is told; it never quotes the peer.
    var message: String { "media forking: \(rawValue)" }

    init(_ error: AdmissionError) {
        switch error {
        case .draining: self = .draining
        case .atCapacity, .alreadyLive: self = .noCapacity
        case .overloaded: self = .overloaded
        case .outOfMemory: self = .outOfMemory
        case .noSuchBot: self = .noSuchBot
        }
    }
}
