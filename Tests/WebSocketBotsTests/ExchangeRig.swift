// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import JSON
import MediaEngine
import MediaServer

@testable import WebSocketBots

/// A conversation on a virtual clock: what the test does goes in, what comes out is written down.
struct ExchangeRig {
    var exchange: WebSocketExchange
    var clock = VirtualClock()
    /// Messages to the bot, and `audio COUNT` for binary ones.
    var sent: [String] = []
    /// What was asked of the call and of the link.
    var asked: [String] = []
    let counters = RemoteBotCounters()

    init(
        input: WireAudio = WireAudio(.pcm16, rate: .hz8000),
        policy: RemoteBotPolicy = RemoteBotPolicy()
    ) {
        exchange = WebSocketExchange(
            session: "s", input: input, output: input, policy: policy, counters: counters)
        exchange.begin(
            BotCallFacts(
                info: CallInfo(key: CallKey(platform: "test", conversation: "1")),
                ingressRate: .hz8000, takesAudio: true),
            at: clock.now)
    }

    /// Opens a connection, and lets the bot answer.
    mutating func open(ready: String? = #"{"type":"ready","version":1}"#) {
        exchange.linkOpened(at: clock.now)
        if let ready { say(ready) }
        settle()
    }

    mutating func say(_ text: String) {
        exchange.receive(text: text, at: clock.now)
        settle()
    }

    /// Milliseconds of the bot's audio at 8 kHz.
    mutating func speak(_ milliseconds: Int) {
        exchange.receive(audio: [Int16](repeating: 1, count: milliseconds * 8), at: clock.now)
        settle()
    }

    /// Milliseconds of the caller, in packets of 20.
    mutating func hear(_ milliseconds: Int, waiting: Int = 0) {
        for _ in 0..<(milliseconds / 20) {
            exchange.hear(
                [UInt8](repeating: 0, count: 320), count: 160, waiting: waiting, at: clock.now)
        }
        settle()
    }

    mutating func tell(_ report: PlaybackReport) {
        exchange.handle(report, at: clock.now)
        settle()
    }

    mutating func pass(_ milliseconds: Int64) {
        clock.advance(by: .milliseconds(milliseconds))
        exchange.advance(to: clock.now)
        settle()
    }

    mutating func settle() {
        while let action = exchange.nextAction() {
            switch action {
            case .send(let text): sent.append(text)
            case .sendAudio(let bytes): sent.append("audio \(bytes.count)")
            case .play(let number, let samples): asked.append("play \(number) \(samples.count)")
            case .close(let code, let reason): asked.append("close \(code) \(reason)")
            case .fail(let failure): asked.append("fail \(failure)")
            case .begin(let number, let allows): asked.append("begin \(number) \(allows)")
            case .finish(let number): asked.append("finish \(number)")
            case .mark(let mark, let number): asked.append("mark \(mark) \(number)")
            case .listen: asked.append("listen")
            case .clear: asked.append("clear")
            case .end(let ending, let after): asked.append("\(ending.kind) \(after)")
            case .established: asked.append("established")
            default: asked.append("\(action)")
            }
        }
    }

    /// The types of the messages so far; `audio` for binary ones.
    var types: [String] {
        sent.map { text in
            (try? JSONValue(parsing: text))?.object?["type"]?.string ?? "audio"
        }
    }

    /// The codes of the errors so far.
    var errors: [String] {
        sent.compactMap { (try? JSONValue(parsing: $0))?.object?["code"]?.string }
    }

    mutating func forget() {
        sent = []
        asked = []
    }
}
