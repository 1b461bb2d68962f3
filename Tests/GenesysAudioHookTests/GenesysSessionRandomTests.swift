// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import JSON
import Testing

@testable import GenesysAudioHook

/// Random conversations, valid and not, against what must hold in every one of them.
@Suite struct GenesysSessionRandomTests {
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    struct Tally {
        var disconnects = 0
        var requests = 0
        var ends = 0
        var closes = 0

        mutating func count(_ actions: [GenesysAction]) {
            // Nothing may be sent to a connection that was told to close.
            if closes > 0 { #expect(actions.sent.isEmpty) }
            for action in actions {
                switch action {
                case .openRequested: requests += 1
                case .ended: ends += 1
                case .closeConnection: closes += 1
                case .send where [action].sent == ["disconnect"]: disconnects += 1
                default: break
                }
            }
        }
    }

    private static let messages: [(type: String, parameters: String)] = [
        ("ping", "{}"), ("ping", #"{"rtt":"PT0.1S"}"#), ("paused", "{}"),
        ("resumed", #"{"start":"PT1S","discarded":"PT1S"}"#), ("dtmf", #"{"digit":"5"}"#),
        ("discarded", #"{"start":"PT1S","discarded":"PT.5S"}"#), ("playback_started", "{}"),
        ("playback_completed", "{}"), ("update", #"{"language":"en-US"}"#), ("hello", "{}"),
        ("error", #"{"code":429,"message":"","retryAfter":"PT2S"}"#),
        ("error", #"{"code":500,"message":""}"#), ("close", #"{"reason":"end"}"#),
        ("open", Exchange.openParameters(media: Exchange.external)), ("dtmf", "{}"),
    ]

    private func step(_ exchange: inout Exchange, _ random: inout Generator) -> [GenesysAction] {
        let now = exchange.clock.now
        switch Int.random(in: 0..<22, using: &random) {
        case 0...8:
            let message = Self.messages.randomElement(using: &random)!
            return exchange.say(message.type, message.parameters)
        case 9...13:
            switch exchange.audio([160, 1600, 1601].randomElement(using: &random)!) {
            case .refused(let actions): return actions
            default: return []
            }
        case 14: return exchange.wait(Int64.random(in: 1...20_000, using: &random))
        case 15: return exchange.take(exchange.session.pause(at: now))
        case 16: return exchange.take(exchange.session.resume(at: now))
        case 17: return exchange.take(exchange.session.bargeIn(at: now))
        case 18: return exchange.take(exchange.session.send(try! .botTurn(.match), at: now))
        case 19: return exchange.take(exchange.session.finish(at: now))
        case 20: return exchange.take(exchange.session.disconnect(.completed, at: now))
        default:
            exchange.sequence += Int64.random(in: 0...1, using: &random)
            return exchange.raw(#"{"version":"2""#)
        }
    }

    @Test(arguments: [GenesysMode.connector, .monitor])
    func invariantsHoldInEveryConversation(mode: GenesysMode) {
        let seed: UInt64 = 0x5EED_0002
        print("seed \(seed)")
        var random = Generator(state: seed)
        var ended = 0
        for _ in 0..<300 {
            var exchange = Exchange(mode)
            var tally = Tally()
            if Int.random(in: 0..<10, using: &random) > 0 {
                tally.count(exchange.open())
                tally.count(exchange.take(exchange.session.accept(at: exchange.clock.now)))
            }
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                tally.count(step(&exchange, &random))
            }
            tally.count(exchange.session.connectionClosed(at: exchange.clock.now))
            tally.count(exchange.wait(100_000))
            #expect(tally.disconnects <= 1)
            #expect(tally.closes <= 1)
            #expect(tally.requests <= 1)
            #expect(tally.ends == tally.requests)
            ended += tally.ends
        }
        #expect(ended > 200)
    }

    @Test func randomTextNeverTraps() {
        let seed: UInt64 = 0x5EED_0003
        print("seed \(seed)")
        var random = Generator(state: seed)
        let template = Array(
            (#"{"version":"2","id":"\#(SignedRequest.session)","type":"open","seq":1,"serverseq":0,"#
                + #""position":"PT0S","parameters":\#(Exchange.openParameters(media: Exchange.both))}"#)
                .utf8)
        var requested = 0
        for _ in 0..<3_000 {
            var bytes = template
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                if Bool.random(using: &random) {
                    bytes[at] = UInt8.random(in: 0...255, using: &random)
                } else {
                    bytes.removeSubrange(at..<min(bytes.count, at + 7))
                }
            }
            var exchange = Exchange(.monitor)
            let actions = exchange.raw(String(decoding: bytes, as: UTF8.self))
            let isOpen = actions.contains { if case .openRequested = $0 { true } else { false } }
            if isOpen { requested += 1 }
            #expect(isOpen != (actions.sent == ["disconnect"]))
        }
        #expect((10..<2_990).contains(requested))
    }
}
