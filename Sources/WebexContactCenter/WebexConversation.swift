// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import MediaServer
internal import WebexMessages

/// One call of the voice virtual agent over all its RPCs, without I/O.
///
/// An RPC is a turn, not a call, and two may overlap. Requests, the call's events, the bot's audio
/// and the time go in; ``WebexAction`` values are taken out with ``takeActions(into:)`` and are to
/// be performed in their order. Every RPC that is opened is completed exactly once, unless the
/// client cancels it.
///
/// Audio of the caller costs no allocation. Owned by one thread.
public struct WebexConversation: Sendable {
    public enum State: Hashable, Sendable {
        /// No call was begun.
        case idle
        case live
        /// The bot has ended the call and no RPC was there to say so: the next one will.
        case leaving
        /// Whatever comes is completed.
        case ended
    }

    /// An open RPC.
    struct RPC {
        let id: WebexRPCID
        /// A request has come.
        var hasRequest = false
        /// Caller audio comes on it.
        var isListening = false
        /// The client half-closed it while the caller was speaking.
        var awaitsTurn = false
        /// The bot's next words are its answer.
        var isAnswering = false
        var isHalfClosed = false
        var saidStart = false
        var saidEnd = false
        /// Prompts were sent on it.
        var hasPrompts = false
        var encoding: Int32 = 0
        var sampleRate: Int32 = 0
        /// When it is completed without an answer.
        var deadline: MediaInstant?
    }

    /// Bot audio that waits for an RPC, or for the end of its answer.
    struct HeldPrompt {
        let response: UInt32
        let allowsBargeIn: Bool
        var audio: [UInt8]
    }

    public let conversationID: String
    public let organizationID: String
    public let mode: WebexAnswerMode
    public internal(set) var state = State.idle
    /// The agent that the conversation began with.
    public internal(set) var virtualAgentID: String?
    /// What the bot expects of the caller, as far as it has said.
    public internal(set) var expectation = InputExpectation()
    let agents: WebexVirtualAgents
    let idleTimeout: MediaDuration

    /// Oldest first.
    var rpcs: [RPC] = []
    var actions: [WebexAction] = []
    var lastActivity: MediaInstant
    /// When the caller will have heard everything sent, by estimate: no report says so.
    var playheadEnd: MediaInstant
    /// Prompts were sent since audio last began to come.
    var hasPlayed = false
    /// Whether a prompt of the latest answer that had any may be interrupted.
    var playedAllowsBargeIn = false
    /// Prompts of the answer under way were sent.
    var answerHasPrompts = false

    /// The caller is speaking.
    var isInSpeech = false
    /// The platform knows of the speech that is under way.
    var isSpeechAnnounced = false
    /// START_OF_INPUT waits for an RPC.
    var startIsDue = false
    /// A turn has ended that no RPC carried: its answer waits for the next one.
    var turnIsDue = false
    /// The answer under way belongs to a turn that was cancelled.
    var isDiscarding = false

    var held: [HeldPrompt] = []
    var heldByteCount = 0
    /// The bot's words that are held are all of its answer.
    var heldIsComplete = false
    /// The bot's verdict on the turn that is being answered.
    var outcome: WebexOutputEvent?
    var events: [WebexOutputEvent] = []
    /// Octets of a chunk before its audio.
    var chunkHead: [UInt8] = []
    /// How the call ends, while the platform has not been told.
    var ending: CallEnding?

    /// Encoding and rate named last on any RPC.
    var lastEncoding: Int32 = 0
    var lastSampleRate: Int32 = 0
    var ingressIsSuspended = true

    /// A conversation of which the first request came at `now`.
    public init(
        conversationID: String, organizationID: String,
        agents: WebexVirtualAgents = WebexVirtualAgents(), mode: WebexAnswerMode = .chunk,
        idleTimeout: MediaDuration = WebexPolicy.idleTimeout, at now: MediaInstant
    ) {
        self.conversationID = conversationID
        self.organizationID = organizationID
        self.agents = agents
        self.mode = mode
        self.idleTimeout = idleTimeout
        lastActivity = now
        playheadEnd = now
        chunkHead = Self.chunkHead(for: expectation)
    }

    /// Whether there is something to perform.
    public var hasActions: Bool { !actions.isEmpty }

    /// Moves what is to be performed to `taken`, whose elements are lost.
    public mutating func takeActions(into taken: inout [WebexAction]) {
        taken.removeAll(keepingCapacity: true)
        swap(&taken, &actions)
    }

    /// RPCs that are open.
    public var openRPCCount: Int { rpcs.count }

    /// Whether nothing is left to remember at `now`.
    public func isForgettable(at now: MediaInstant) -> Bool {
        guard rpcs.isEmpty else { return false }
        switch state {
        case .idle: return true
        case .live, .leaving: return false
        case .ended: return now - lastActivity >= WebexPolicy.endedMemory
        }
    }

    // MARK: RPCs

    // Inlined: else the compiler copies all of self for a look at its RPCs.
    @inline(__always)
    func index(of id: WebexRPCID) -> Int? {
        var index = 0
        while index < rpcs.count {
            if rpcs[index].id == id { return index }
            index += 1
        }
        return nil
    }

    /// The RPC on which the caller is heard: the newest one with audio.
    var listeningIndex: Int? {
        @inline(__always) get {
            var index = rpcs.count - 1
            while index >= 0 {
                if rpcs[index].isListening { return index }
                index -= 1
            }
            return nil
        }
    }

    var answeringIndex: Int? {
        var index = 0
        while index < rpcs.count {
            if rpcs[index].isAnswering { return index }
            index += 1
        }
        return nil
    }

    /// Removes an RPC and completes it.
    mutating func complete(_ index: Int, _ violation: WebexViolation? = nil) {
        actions.append(.finish(rpcs[index].id, violation))
        rpcs.remove(at: index)
        suspendIngressIfQuiet()
    }

    mutating func suspendIngressIfQuiet() {
        guard !ingressIsSuspended, listeningIndex == nil else { return }
        ingressIsSuspended = true
        actions.append(.suspendIngress)
    }
}
