// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Foundation
internal import JSON
internal import MediaEngine
internal import MediaServer

/// A conversation with OpenAI's Realtime interface, without a socket or a clock.
struct RealtimeExchange: BotExchange {
    enum Phase: Equatable {
        case away
        /// `session.created` is awaited, then `session.updated`.
        case opening(until: MediaInstant)
        case updating(until: MediaInstant)
        case ready
    }

    /// A stretch of the bot's audio: what a truncation names.
    struct Item {
        let number: Int
        let id: String
        let response: String
        let contentIndex: Int64
        var received = 0
        var isOpen = true
        /// The first byte of a sample whose second one is still to come.
        var oddByte: UInt8?
    }

    /// What an event of ours was, for errors that name it.
    enum Sent {
        case update, create, cancel, truncate, other
    }

    /// An answer that does not come is asked for once more, then the bot is given up.
    static let patience = MediaDuration.milliseconds(10_000)
    /// Messages that are no events, after which a connection is of no use.
    static let malformedLimit = 5
    static let rememberedCount = 64
    /// Keys with so little time between them are one input.
    static let keyPause = MediaDuration.milliseconds(1500)
    /// Characters of what was said that go with a new connection.
    static let summaryLimit = 4000
    /// The caller's audio in one message.
    static let bundle = MediaDuration.milliseconds(40)

    let options: RealtimeOptions
    let input: WireAudio
    let policy: RemoteBotPolicy
    let counters: RemoteBotCounters

    var phase = Phase.away
    var actions: [BotAction] = []
    private var nextActionIndex = 0
    var linkCount = 0
    var malformed = 0

    var backlog: CallerBacklog
    var bundled: [UInt8] = []
    /// Bytes appended since the last commit.
    var uncommitted = 0
    var isBehind = false

    /// The response that the far side is making.
    var active: String?
    /// One was asked for, and the far side has not said yet that it makes it: it can neither be
    /// cancelled by then, as nobody knows its name, nor may another be asked for.
    var isRequested = false
    /// Another one is wanted as soon as that is known.
    var asksAgain = false
    var items: [Item] = []
    var itemCount = 0
    /// Responses and items whose late audio is dropped.
    var past: [String] = []
    var serverInterrupts = false
    var ending: CallEnding?
    var functionOutputs = 0

    var sent: [(id: String, kind: Sent)] = []
    var sentCount = 0
    var said: [String] = []

    /// Since when an answer is awaited.
    var expecting: MediaInstant?
    var hasRetried = false
    var keys = ""
    var keysUntil: MediaInstant?

    init(
        _ options: RealtimeOptions, policy: RemoteBotPolicy, counters: RemoteBotCounters
    ) {
        self.options = options
        self.policy = policy
        self.counters = counters
        input = WireAudio(options.encoding, rate: options.encoding == .pcm16 ? .hz24000 : .hz8000)
        backlog = CallerBacklog(window: input.rate.samples(in: policy.backlog))
    }

    var deadline: MediaInstant? {
        var deadlines: [MediaInstant] = []
        switch phase {
        case .opening(let until), .updating(let until): deadlines.append(until)
        case .away, .ready: break
        }
        if let expecting { deadlines.append(expecting + Self.patience) }
        if let keysUntil { deadlines.append(keysUntil) }
        return deadlines.min()
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

    mutating func begin(_ call: BotCallFacts, at now: MediaInstant) {}

    mutating func linkOpened(at now: MediaInstant) {
        phase = .opening(until: now + policy.answerTimeout)
        linkCount += 1
        malformed = 0
    }

    mutating func linkClosed(at now: MediaInstant) {
        phase = .away
        for index in items.indices where items[index].isOpen { finish(index) }
        if active != nil { expecting = now }
        active = nil
        isRequested = false
        asksAgain = false
        bundled = []
        uncommitted = 0
        isBehind = false
    }

    mutating func becomeReady(at now: MediaInstant) {
        phase = .ready
        actions.append(.established)
        if linkCount > 1, !said.isEmpty {
            let text = "The connection was lost. So far was said: " + said.joined(separator: " ")
            send(message: text, role: "system")
        }
        while let entry = backlog.popFirst() {
            switch entry {
            case .text(let text): actions.append(.send(text))
            case .audio(let bytes, _, _): append(bytes)
            }
        }
        if linkCount == 1 ? options.greets : expecting != nil { askForResponse(at: now) }
    }

    mutating func callEnded(_ reason: CallEndReason, at now: MediaInstant) {}

    // MARK: Events of ours

    mutating func send(_ type: String, _ members: JSONObject = JSONObject(), as kind: Sent = .other)
    {
        sentCount += 1
        let id = "e\(sentCount)"
        if sent.count == Self.rememberedCount { sent.removeFirst() }
        sent.append((id, kind))
        var object = JSONObject()
        object.append("type", .string(type))
        object.append("event_id", .string(id))
        object.members += members.members
        actions.append(.send(JSONValue.object(object).text))
    }

    mutating func askForResponse(at now: MediaInstant) {
        expecting = now
        guard !isRequested else {
            asksAgain = true
            return
        }
        isRequested = true
        send("response.create", as: .create)
    }

    mutating func send(message text: String, role: String) {
        send(
            "conversation.item.create",
            JSONObject([
                .init(
                    name: "item",
                    value: [
                        "type": "message", "role": .string(role),
                        "content": [["type": "input_text", "text": .string(text)]],
                    ])
            ]))
    }

    // MARK: The caller's audio

    mutating func skip(_ count: Int) {}

    mutating func hear(_ bytes: [UInt8], count: Int, waiting: Int, at now: MediaInstant) {
        guard phase == .ready else {
            let before = backlog.droppedSamples
            backlog.append(bytes, position: 0, count: count)
            note(missed: backlog.droppedSamples - before)
            return
        }
        // Base64 takes four bytes for three.
        let limit = input.byteCount(of: policy.backlog)
        isBehind = waiting * 3 / 4 > (isBehind ? limit / 2 : limit)
        guard !isBehind else { return note(missed: count) }
        bundled += bytes
        let unit = input.rate.samples(in: Self.bundle) * (input.encoding == .pcm16 ? 2 : 1)
        if bundled.count >= unit { flushAudio() }
    }

    mutating func flushAudio() {
        guard !bundled.isEmpty else { return }
        append(bundled)
        bundled.removeAll(keepingCapacity: true)
    }

    private mutating func append(_ bytes: [UInt8]) {
        uncommitted += bytes.count
        // Never answered, so it needs no id.
        let audio = Data(bytes).base64EncodedString()
        actions.append(
            .send(#"{"type":"input_audio_buffer.append","audio":"\#(audio)"}"#))
    }

    private func note(missed count: Int) {
        guard count > 0 else { return }
        let lost = Int(input.rate.duration(of: count).milliseconds)
        counters.add { $0.missedMilliseconds += lost }
    }
}
