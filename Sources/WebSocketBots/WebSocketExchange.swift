// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaEngine
internal import MediaServer

/// Sidetone's own protocol with a bot (`docs/bot-protocol.md`), without a socket or a clock.
struct WebSocketExchange: BotExchange {
    enum Phase {
        /// No connection.
        case away
        /// `start` was sent, `ready` is awaited until then.
        case starting(until: MediaInstant)
        case ready
    }

    struct Response {
        let number: Int
        let name: String
        /// The bot may add to it.
        var isOpen = true
    }

    /// A stretch of the caller's audio that the bot was not given, where one is growing.
    struct Missed {
        var from: Int64
        var reason: ServerMessage.MissedReason
    }

    let session: String
    let input: WireAudio
    var output: WireAudio
    let policy: RemoteBotPolicy
    let counters: RemoteBotCounters

    var facts: BotCallFacts?
    var phase = Phase.away
    var actions: [BotAction] = []
    private var nextActionIndex = 0

    // The caller's audio: where it stands, and where the bot takes it to stand.
    var position: Int64 = 0
    var toldPosition: Int64?
    var missed: Missed? = Missed(from: 0, reason: .disconnected)
    var backlog: CallerBacklog
    var linkCount = 0
    var lostMessages = 0

    // Responses, oldest first; those that are over only by name.
    var responses: [Response] = []
    var pastNames: [String] = []
    var responseCount = 0
    /// The one that binary messages belong to; nil before the first and after one has ended.
    var current: Int?
    /// What binary messages belong to was cleared: they are late and no error.
    var isLate = false
    var marks: [(id: UInt64, name: String, response: Int)] = []
    var markCount: UInt64 = 0

    // The bot's audio against the window, in samples at the output's rate.
    var received = 0
    var granted: Int64 = 0
    var isOverWindow = false

    // What a bot may get wrong before it is given up.
    var errorCount = 0
    var tokens = Double(BotProtocol.messageBurst)
    var tokensAt: MediaInstant?
    /// Milliseconds of audio that may come at once.
    var audioTokens = 0.0
    var audioTokensAt: MediaInstant?

    /// - Parameter session: names the conversation over all its connections.
    init(
        session: String, input: WireAudio, output: WireAudio, policy: RemoteBotPolicy,
        counters: RemoteBotCounters
    ) {
        self.session = session
        self.input = input
        self.output = output
        self.policy = policy
        self.counters = counters
        backlog = CallerBacklog(window: input.rate.samples(in: policy.backlog))
    }

    var deadline: MediaInstant? {
        if case .starting(let until) = phase { return until }
        return nil
    }

    mutating func nextAction() -> BotAction? {
        guard nextActionIndex < actions.count else {
            actions.removeAll(keepingCapacity: true)
            nextActionIndex = 0
            return nil
        }
        nextActionIndex += 1
        return actions[nextActionIndex - 1]
    }

    // MARK: The link

    mutating func begin(_ call: BotCallFacts, at now: MediaInstant) {
        facts = call
        granted = Int64(policy.window.milliseconds)
    }

    mutating func linkOpened(at now: MediaInstant) {
        guard let facts else { return }
        phase = .starting(until: now + policy.answerTimeout)
        linkCount += 1
        tokens = Double(BotProtocol.messageBurst)
        tokensAt = now
        audioTokens = policy.window.milliseconds * BotProtocol.audioBurst
        audioTokensAt = now
        errorCount = 0
        let start = ServerMessage.Start(
            session: session, info: facts.info, input: input, output: output,
            takesAudio: facts.takesAudio, window: policy.window, backlog: policy.backlog,
            maximumMessageBytes: policy.maximumMessageBytes,
            resume: linkCount == 1
                ? nil
                : ServerMessage.Resume(
                    count: linkCount - 1, position: position,
                    missedMessages: lostMessages + backlog.droppedTexts))
        actions.append(.send(ServerMessage.start(start).text))
    }

    mutating func linkClosed(at now: MediaInstant) {
        phase = .away
        if let toldPosition { missed = Missed(from: toldPosition, reason: .disconnected) }
        toldPosition = nil
        // What the bot was saying ends where it stopped.
        for index in responses.indices where responses[index].isOpen {
            responses[index].isOpen = false
            actions.append(.finish(responses[index].number))
        }
        current = nil
        isLate = false
    }

    mutating func becomeReady(_ form: WireAudio?) {
        if let form { output = form }
        actions.append(.expectAudio(output))
        actions.append(.established)
        phase = .ready
        while let entry = backlog.popFirst() {
            switch entry {
            case .text(let text): actions.append(.send(text))
            case .audio(let bytes, let start, let count): sendAudio(bytes, from: start, count)
            }
        }
        // Each connection grants anew: what was under way is lost with the one before.
        received = 0
        granted = Int64(policy.window.milliseconds)
    }

    mutating func advance(to now: MediaInstant) {
        guard case .starting(let until) = phase, until <= now else { return }
        refuse(BotError(.readyTimeout, "no 'ready' in time"))
    }

    mutating func callEnded(_ reason: CallEndReason, at now: MediaInstant) {
        if case .away = phase { return }
        actions.append(.send(ServerMessage.end(reason).text))
    }

    /// Sends it now, or once the bot is ready.
    mutating func tell(_ message: ServerMessage) {
        if case .ready = phase {
            actions.append(.send(message.text))
        } else {
            backlog.append(message.text)
        }
    }

    // MARK: The caller's audio

    mutating func skip(_ count: Int) { position += Int64(count) }

    mutating func hear(_ bytes: [UInt8], count: Int, waiting: Int, at now: MediaInstant) {
        let start = position
        position += Int64(count)
        guard case .ready = phase else {
            let before = backlog.droppedSamples
            backlog.append(bytes, position: start, count: count)
            note(missed: backlog.droppedSamples - before)
            return
        }
        // A bot that does not keep up misses what is more than its window behind.
        let limit = input.byteCount(of: policy.backlog)
        let isBehind = missed == nil ? waiting > limit : waiting > limit / 2
        guard !isBehind else {
            if missed == nil { missed = Missed(from: start, reason: .slow) }
            note(missed: count)
            return
        }
        sendAudio(bytes, from: start, count)
    }

    private mutating func sendAudio(_ bytes: [UInt8], from start: Int64, _ count: Int) {
        if let told = toldPosition ?? missed?.from, told < start, missed != nil {
            let reason = missed?.reason ?? .disconnected
            actions.append(
                .send(ServerMessage.audioMissed(from: told, to: start, reason).text))
        }
        missed = nil
        if toldPosition != start {
            actions.append(.send(ServerMessage.audioPosition(start).text))
        }
        actions.append(.sendAudio(bytes))
        toldPosition = start + Int64(count)
    }

    private mutating func note(missed count: Int) {
        guard count > 0 else { return }
        let lost = Int(input.rate.duration(of: count).milliseconds)
        counters.add { $0.missedMilliseconds += lost }
    }
}
