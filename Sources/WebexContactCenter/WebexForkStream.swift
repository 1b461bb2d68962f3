// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// What names one leg of a conversation, across RPCs and connections.
struct WebexForkLegKey: Hashable, Sendable, CustomStringConvertible {
    let conversation: String
    let role: WebexForkRole
    let roleID: String

    var description: String { "\(conversation)/\(role.name)/\(roleID)" }
}

/// One RPC of media forking, without I/O: which leg a message belongs to, and whether it may.
///
/// An RPC carries one leg or all of a conversation, in any order. Owned by one thread; audio of a
/// leg that is open costs no allocation.
struct WebexForkStream: Sendable {
    /// A leg that this RPC has audio for and did not have before.
    struct Opening: Hashable, Sendable {
        let key: WebexForkLegKey
        let organization: String
        /// What this RPC has said of the format.
        let format: WebexForkFormat
    }

    enum Verdict: Hashable, Sendable {
        /// Audio at that place of the message, for an open leg.
        case audio(leg: Int, data: Range<Int>, capturedAt: Int64?)
        /// Find or create the leg, say ``opened(_:)`` with its format, then take the audio as above.
        case opens(Opening, leg: Int, data: Range<Int>, capturedAt: Int64?)
        /// Nothing to hear in it.
        case ignored
        /// End the RPC.
        case refused(WebexForkRefusal)
    }

    private struct Leg {
        let role: Int32
        let roleID: [UInt8]
        /// What was said of the format; everything once the leg is open.
        var format: WebexForkFormat
        var isOpen = false
    }

    /// Of the first message; empty before.
    private var conversation: [UInt8] = []
    private var organization: [UInt8] = []
    private var legs: [Leg] = []
    /// What was last said of a format in this RPC.
    private var lastFormat = WebexForkFormat()

    init() {}

    mutating func receive(_ octets: Span<UInt8>) -> Verdict {
        do throws(WebexForkRefusal) {
            let message: WebexForkMessage
            do {
                message = try WebexForkMessage(reading: octets)
            } catch {
                throw .malformedMessage
            }
            try checkOrigin(of: message, in: octets)
            guard message.hasAudio else { return .ignored }
            return try verdict(on: message, in: octets)
        } catch {
            return .refused(error)
        }
    }

    /// The leg of the last `opens` exists now and has that format, with everything in it.
    mutating func opened(_ leg: Int, format: WebexForkFormat) {
        legs[leg].format = format
        legs[leg].isOpen = true
        lastFormat = format
    }

    private mutating func checkOrigin(
        of message: WebexForkMessage, in octets: Span<UInt8>
    ) throws(WebexForkRefusal) {
        guard !conversation.isEmpty else {
            guard !message.conversation.isEmpty else { throw .missingConversation }
            guard !message.organization.isEmpty else { throw .missingOrganization }
            guard Self.isIdentifier(message.conversation, in: octets),
                Self.isIdentifier(message.organization, in: octets)
            else { throw .badIdentifier }
            conversation = octets.copy(message.conversation)
            organization = octets.copy(message.organization)
            return
        }
        guard message.conversation.isEmpty || octets.holds(conversation, at: message.conversation)
        else { throw .conversationChanged }
        guard message.organization.isEmpty || octets.holds(organization, at: message.organization)
        else { throw .wrongOrganization }
    }

    private mutating func verdict(
        on message: WebexForkMessage, in octets: Span<UInt8>
    ) throws(WebexForkRefusal) -> Verdict {
        let said = try WebexForkFormat(encoding: message.encoding, rate: message.rate)
        let index = try leg(of: message, in: octets)
        if said != WebexForkFormat() {
            guard !legs[index].isOpen || said.agrees(with: legs[index].format) else {
                throw .formatChanged
            }
            legs[index].format = said.completed(by: legs[index].format)
            lastFormat = said.completed(by: lastFormat)
        }
        guard message.data.count > WebexForkPolicy.ignoredBytes else { return .ignored }
        guard !legs[index].isOpen else {
            return .audio(leg: index, data: message.data, capturedAt: message.capturedAt)
        }
        let opening = Opening(
            key: WebexForkLegKey(
                conversation: Self.text(conversation),
                role: WebexForkRole(rawValue: legs[index].role) ?? .unspecified,
                roleID: Self.text(legs[index].roleID)),
            organization: Self.text(organization),
            format: legs[index].format.completed(by: lastFormat))
        return .opens(opening, leg: index, data: message.data, capturedAt: message.capturedAt)
    }

    private mutating func leg(
        of message: WebexForkMessage, in octets: Span<UInt8>
    ) throws(WebexForkRefusal) -> Int {
        // A role that is not known yet tells as little as none.
        let role = WebexForkRole(rawValue: message.role)?.rawValue ?? 0
        for index in legs.indices
        where legs[index].role == role && octets.holds(legs[index].roleID, at: message.roleID) {
            return index
        }
        guard role != 0 || !message.roleID.isEmpty else { throw .missingLeg }
        guard message.roleID.isEmpty || Self.isIdentifier(message.roleID, in: octets) else {
            throw .badIdentifier
        }
        guard legs.count < WebexForkPolicy.maximumLegs else { throw .tooManyLegs }
        legs.append(
            Leg(role: role, roleID: octets.copy(message.roleID), format: WebexForkFormat()))
        return legs.count - 1
    }

    /// Whether the octets may stand in a key and in a log line.
    private static func isIdentifier(_ range: Range<Int>, in octets: Span<UInt8>) -> Bool {
        guard range.count <= WebexForkPolicy.maximumIdentifierBytes,
            let text = octets.text(range)
        else { return false }
        return text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }

    private static func text(_ octets: [UInt8]) -> String {
        String(decoding: octets, as: UTF8.self)
    }
}
