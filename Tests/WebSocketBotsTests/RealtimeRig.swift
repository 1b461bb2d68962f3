// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaServer

@testable import MediaEngine
@testable import WebSocketBots

/// An exchange and the double of its far side, wired to one another on a virtual clock.
struct RealtimeRig {
    var exchange: RealtimeExchange
    var double: RealtimeDouble
    var clock = VirtualClock()
    /// What was asked of the call and of the link.
    var asked: [String] = []
    let counters = RemoteBotCounters()
    /// Messages are lost between the two.
    var isCut = false
    /// What the far side answers is on its way until ``arrive()``.
    var isSlow = false
    private var underWay: [String] = []

    init(_ change: (inout RealtimeOptions) -> Void = { _ in }) {
        var options = RealtimeOptions()
        change(&options)
        exchange = RealtimeExchange(options, policy: RemoteBotPolicy(), counters: counters)
        double = RealtimeDouble(options)
    }

    mutating func open() {
        exchange.linkOpened(at: clock.now)
        tell(double.open())
    }

    /// What the far side answered comes, and nothing is slow any more.
    mutating func arrive() {
        isSlow = false
        let answers = underWay
        underWay = []
        tell(answers)
    }

    /// The far side says so.
    mutating func tell(_ texts: [String]) {
        for text in texts { exchange.receive(text: text, at: clock.now) }
        settle()
    }

    mutating func speak(_ bytes: Int) { tell(double.speak([UInt8](repeating: 0x55, count: bytes))) }

    mutating func report(_ report: PlaybackReport) {
        exchange.handle(report, at: clock.now)
        settle()
    }

    /// The engine clears, having played so much of the response.
    mutating func clear(_ number: Int, heard: Int64) {
        report(.cleared)
        report(.ended(number, PlaybackAccount(heard: heard, wasCleared: true)))
    }

    mutating func handle(_ event: CallEvent) {
        exchange.handle(event, at: clock.now)
        settle()
    }

    mutating func hear(_ bytes: [UInt8]) {
        exchange.hear(bytes, count: bytes.count, waiting: 0, at: clock.now)
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
            case .send(let text):
                guard !isCut else { continue }
                underWay += double.receive(text)
                guard !isSlow else { continue }
                let answers = underWay
                underWay = []
                for answer in answers { exchange.receive(text: answer, at: clock.now) }
            case .play(let number, let samples): asked.append("play \(number) \(samples.count)")
            case .close(let code, _): asked.append("close \(code)")
            case .fail(let failure): asked.append("fail \(failure)")
            case .begin(let number, _): asked.append("begin \(number)")
            case .finish(let number): asked.append("finish \(number)")
            case .listen: asked.append("listen")
            case .clear: asked.append("clear")
            case .end(let ending, let after): asked.append("\(ending.kind) \(after)")
            case .established: asked.append("established")
            default: asked.append("\(action)")
            }
        }
    }

    static let turn = Turn(
        id: TurnID(number: 1), onset: SamplePosition(0), lastVoiced: SamplePosition(800),
        spokenEnd: MediaInstant(nanoseconds: 0), arrived: MediaInstant(nanoseconds: 0),
        confirmed: MediaInstant(nanoseconds: 0))
}
