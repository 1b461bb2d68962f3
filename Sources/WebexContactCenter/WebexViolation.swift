// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import GRPCTransport

/// Everything that can go wrong with a request, and what is worth counting, each under its own
/// name.
public enum WebexViolation: String, Error, Hashable, Sendable, CaseIterable {
    case malformedRequest = "malformed_request"
    case missingConversation = "missing_conversation"
    case missingOrganization = "missing_organization"
    case missingInput = "missing_input"
    case missingRequest = "missing_request"
    case unknownVirtualAgent = "unknown_virtual_agent"
    case missingVirtualAgent = "missing_virtual_agent"
    case virtualAgentChanged = "virtual_agent_changed"
    case conversationChanged = "conversation_changed"
    case foreignOrganization = "foreign_organization"
    case unsupportedRate = "unsupported_rate"
    case tooManyRPCs = "too_many_rpcs"
    case noCapacity = "no_capacity"
    case overloaded
    case outOfMemory = "out_of_memory"
    case draining
    case noBot = "no_bot"
    case alreadyLive = "already_live"

    case emptyMessage = "empty_message"
    case unknownEvent = "unknown_event"
    case unknownDigit = "unknown_digit"
    case repeatedSessionStart = "repeated_session_start"
    case inputAfterEnd = "input_after_end"
    case answerTimedOut = "answer_timed_out"
    case heldAudioDropped = "held_audio_dropped"
    case eventDropped = "event_dropped"
    case idleExpired = "idle_expired"

    public enum Consequence: Hashable, Sendable {
        /// The RPC fails with this status. The message never quotes the peer.
        case refused(GRPCStatusCode, message: String)
        /// Counted and otherwise ignored.
        case counted
    }

    /// The status that an RPC is refused with; nil for what is only counted.
    public var status: GRPCStatus? {
        guard case .refused(let code, let message) = consequence else { return nil }
        return GRPCStatus(code, message)
    }

    public var consequence: Consequence {
        switch self {
        case .malformedRequest: .refused(.invalidArgument, message: "request cannot be decoded")
        case .missingConversation: .refused(.invalidArgument, message: "conversation_id is empty")
        case .missingOrganization: .refused(.invalidArgument, message: "customer_org_id is empty")
        case .missingInput: .refused(.invalidArgument, message: "first request has no input")
        case .missingRequest: .refused(.invalidArgument, message: "no request was sent")
        case .unknownVirtualAgent: .refused(.notFound, message: "no such virtual agent")
        case .missingVirtualAgent:
            .refused(.invalidArgument, message: "virtual_agent_id is empty and there is no default")
        case .virtualAgentChanged:
            .refused(.invalidArgument, message: "virtual_agent_id is not the conversation's")
        case .conversationChanged:
            .refused(.invalidArgument, message: "conversation_id changed within the RPC")
        case .foreignOrganization:
            .refused(.permissionDenied, message: "conversation is another organization's")
        case .unsupportedRate:
            .refused(.invalidArgument, message: "sample_rate_hertz must be 8000 or 16000")
        case .tooManyRPCs:
            .refused(.resourceExhausted, message: "too many open RPCs of one conversation")
        case .noCapacity: .refused(.resourceExhausted, message: "no capacity")
        case .overloaded: .refused(.resourceExhausted, message: "server is overloaded")
        case .outOfMemory: .refused(.resourceExhausted, message: "no memory for another call")
        case .draining: .refused(.unavailable, message: "server is stopping")
        case .noBot: .refused(.notFound, message: "no bot for this call")
        case .alreadyLive: .refused(.alreadyExists, message: "conversation is live already")
        case .emptyMessage, .unknownEvent, .unknownDigit, .repeatedSessionStart, .inputAfterEnd,
            .answerTimedOut, .heldAudioDropped, .eventDropped, .idleExpired:
            .counted
        }
    }
}
