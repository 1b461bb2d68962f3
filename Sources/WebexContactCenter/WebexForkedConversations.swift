// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// Which legs there are, which RPC carries each, and when they are over: no I/O, no clock.
///
/// Webex half-closes an RPC when the call ends; a lost connection may be followed by another RPC for
/// the same leg, which takes over at once, whether or not the old one is known to be gone.
struct WebexForkedConversations: Sendable {
    /// An RPC of this process; the host numbers them.
    typealias StreamID = UInt64

    enum Attachment: Hashable, Sendable {
        /// The leg is new: create it, or say `abandon`.
        case started(WebexForkFormat)
        /// The leg is known, and this RPC carries it from now on.
        case resumed(WebexForkFormat)
        /// The bot is done with this leg: drop its audio.
        case stopped(WebexForkFormat)
        case refused(WebexForkRefusal)
    }

    private struct Leg {
        var stream: StreamID?
        let format: WebexForkFormat
        var isStopped = false
        /// Since when no RPC carries it.
        var quietSince: MediaInstant?
    }

    private struct Conversation {
        let organization: String
        var legs: [WebexForkLegKey: Leg] = [:]
        var lastFormat: WebexForkFormat
    }

    private let grace: MediaDuration
    private let capacity: Int
    private var conversations: [String: Conversation] = [:]

    init(
        grace: MediaDuration = WebexForkPolicy.grace,
        capacity: Int = WebexForkPolicy.conversationCapacity
    ) {
        self.grace = grace
        self.capacity = capacity
    }

    /// Conversations held.
    var count: Int { conversations.count }

    /// An RPC has audio for a leg.
    mutating func attach(_ opening: WebexForkStream.Opening, stream: StreamID) -> Attachment {
        let key = opening.key
        let known = conversations[key.conversation]
        guard known != nil || conversations.count < capacity else { return .refused(.noCapacity) }
        guard known?.organization ?? opening.organization == opening.organization else {
            return .refused(.wrongOrganization)
        }
        if let leg = known?.legs[key] {
            guard opening.format.agrees(with: leg.format) else { return .refused(.formatChanged) }
            conversations[key.conversation]?.legs[key]?.stream = stream
            conversations[key.conversation]?.legs[key]?.quietSince = nil
            return leg.isStopped ? .stopped(leg.format) : .resumed(leg.format)
        }
        guard known?.legs.count ?? 0 < WebexForkPolicy.maximumLegs else {
            return .refused(.tooManyLegs)
        }
        let format = opening.format.completed(by: known?.lastFormat ?? .assumed)
            .completed(by: .assumed)
        var conversation =
            known ?? Conversation(organization: opening.organization, lastFormat: format)
        conversation.lastFormat = format
        conversation.legs[key] = Leg(stream: stream, format: format)
        conversations[key.conversation] = conversation
        return .started(format)
    }

    /// Forgets a leg that could not be created.
    mutating func abandon(_ key: WebexForkLegKey) {
        remove(key)
    }

    /// The RPC is over in order: so is the leg, when no other RPC has taken it over.
    /// - Returns: whether a live leg ended.
    mutating func finish(_ key: WebexForkLegKey, stream: StreamID) -> Bool {
        guard let leg = conversations[key.conversation]?.legs[key], leg.stream == stream else {
            return false
        }
        remove(key)
        return !leg.isStopped
    }

    /// The RPC is lost; the leg waits for another one.
    /// - Returns: false when another RPC carries it already.
    @discardableResult
    mutating func detach(
        _ key: WebexForkLegKey, stream: StreamID, at now: MediaInstant
    ) -> Bool {
        guard let leg = conversations[key.conversation]?.legs[key], leg.stream == stream else {
            return false
        }
        conversations[key.conversation]?.legs[key]?.stream = nil
        conversations[key.conversation]?.legs[key]?.quietSince = now
        return true
    }

    /// The bot is done with a leg: what comes of it is dropped, as long as it is carried.
    mutating func stop(_ key: WebexForkLegKey) {
        conversations[key.conversation]?.legs[key]?.isStopped = true
    }

    /// Ends the legs that nobody came back for. Call it about once a second.
    /// - Returns: live legs that are over. Complexity: O(legs).
    mutating func advance(to now: MediaInstant) -> [WebexForkLegKey] {
        var ended: [WebexForkLegKey] = []
        for conversation in conversations.values {
            for (key, leg) in conversation.legs {
                guard let quietSince = leg.quietSince, now >= quietSince + grace else { continue }
                if !leg.isStopped { ended.append(key) }
                remove(key)
            }
        }
        return ended
    }

    private mutating func remove(_ key: WebexForkLegKey) {
        conversations[key.conversation]?.legs[key] = nil
        if conversations[key.conversation]?.legs.isEmpty == true {
            conversations[key.conversation] = nil
        }
    }
}
