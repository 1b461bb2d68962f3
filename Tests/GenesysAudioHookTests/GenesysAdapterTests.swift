// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import JSON
import MediaEngine
import MediaServer
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing
import WebSocketTransport

@testable import GenesysAudioHook

/// The adapter over real sockets.
@Suite(.timeLimit(.minutes(1))) struct GenesysAdapterTests {
    /// Greets, answers key 1 after a clear, ends with variables at key 9.
    private static let behaviour = RecordingBot.Behaviour(
        started: { $0.say(8_000, milliseconds: 1_000) },
        event: { session, event in
            guard case .digit(let digit) = event else { return }
            switch digit.key {
            case "1":
                session.clear()
                session.report(TurnOutcome(.match, text: "one"))
                session.say(-8_000, milliseconds: 200)
            default:
                session.endNow(CallEnding(.completed, outputs: ["route": "billing"]))
            }
        })

    @Test func botCallFromGreetingToOutputVariables() async throws {
        try await GenesysAdapterRig.with(Self.behaviour) { rig in
            var client = try await rig.connect("/genesys/connector/sales%20desk")
            client.open()
            let opened = try await client.expect("opened")
            #expect(opened["media"]?.text == "[\(Exchange.external)]")

            var calls = rig.bots.made.makeAsyncIterator()
            var bot = try #require(await calls.next()).makeAsyncIterator()
            guard case .started(let info)? = await bot.next() else {
                Issue.record("the bot was not started")
                return
            }
            #expect(info.bot == "sales desk")
            #expect(info.inputs == ["tier": "gold"])
            #expect(info.caller == "+13175550100")
            #expect(info.key.platform == "genesys")

            // The lead of half a second comes as one message, before anything else.
            guard case .binary(let first)? = await client.next() else {
                Issue.record("no greeting")
                return
            }
            #expect(first.count == 4_000)
            client.say("playback_started")
            client.say("ping")
            let packets = try await client.audio(until: "pong")
            #expect(packets.allSatisfy { $0.count <= GenesysPolicy.maximumOutboundBinaryBytes })

            client.say("dtmf", #"{"digit":"1"}"#)
            _ = try await client.audio(until: "event")
            let bargeIn = try await client.expect("event")
            #expect(bargeIn["entities"] == [["type": "barge_in", "data": [:]]])
            // After the barge-in only the new answer is heard.
            guard case .binary(let answer)? = await client.next() else {
                Issue.record("no answer")
                return
            }
            #expect(answer.count == 1_600)
            #expect(Set(answer.map { $0 & 0x80 }) == [0])

            // A key ends what is heard, as far as it may be interrupted.
            client.say("dtmf", #"{"digit":"9"}"#)
            _ = try await client.expect("event")
            let bye = try await client.expect("disconnect")
            #expect(bye["reason"]?.string == "completed")
            #expect(bye["outputVariables"] == ["route": "billing"])
            client.say("close", #"{"reason":"disconnect"}"#)
            _ = try await client.expect("closed")
            client.peer.close()
            #expect(await client.next() == .closed(1000))
            while let note = await bot.next() {
                guard case .ended(let reason) = note else { continue }
                #expect(reason == .botEnded)
                break
            }
            #expect(rig.adapter.counts.violations.isEmpty)
        }
    }

    @Test func callersAudioReachesTheBotAndGapsAreDeclared() async throws {
        try await GenesysAdapterRig.with { rig in
            var client = try await rig.connect()
            client.open()
            _ = try await client.expect("opened")
            var calls = rig.bots.made.makeAsyncIterator()
            let bot = try #require(await calls.next())
            for _ in 0..<5 { client.peer.send([UInt8](repeating: 0x80, count: 1_600)) }
            client.say("discarded", #"{"start":"PT1S","discarded":"PT5S"}"#)
            client.peer.send([UInt8](repeating: 0x00, count: 1_600))
            client.say("close", #"{"reason":"end"}"#)
            _ = try await client.expect("closed")
            var loud = 0
            var quiet = 0
            var jump = 0
            for await note in bot {
                switch note {
                case .audio(let samples):
                    loud += samples.count { $0 == 32_124 }
                    quiet += samples.count { $0 == -32_124 }
                case .event(.timelineJumped(let samples)): jump += samples
                case .ended(let reason):
                    #expect(reason == .platformEnded)
                default: break
                }
                if case .ended = note { break }
            }
            #expect(loud > 7_000)
            #expect(quiet > 1_000)
            #expect(jump == 40_000)
        }
    }

    @Test func bothVoicesOfAMonitoredCallAreCallsOfTheirOwn() async throws {
        try await GenesysAdapterRig.with { rig in
            var client = try await rig.connect("/genesys/monitor")
            client.open(media: Exchange.both)
            _ = try await client.expect("opened")
            var calls = rig.bots.made.makeAsyncIterator()
            let bots = [try #require(await calls.next()), try #require(await calls.next())]
            var stereo: [UInt8] = []
            for _ in 0..<8_000 { stereo += [0x80, 0x00] }
            client.peer.send(stereo)
            client.say("close", #"{"reason":"end"}"#)
            _ = try await client.expect("closed")
            var heard: [String: Set<Int16>] = [:]
            for bot in bots {
                var participant = ""
                for await note in bot {
                    switch note {
                    case .started(let info): participant = info.participant
                    case .audio(let samples): heard[participant, default: []].formUnion(samples)
                    default: break
                    }
                    if case .ended = note { break }
                }
            }
            // The resampler may ring at the edges, so only the plateaus are looked for.
            #expect(heard["caller"]?.contains(32_124) == true)
            #expect(heard["agent"]?.contains(-32_124) == true)
            #expect(heard["caller"]?.contains(-32_124) == false)
        }
    }

    @Test func aProbeCreatesNoCall() async throws {
        try await GenesysAdapterRig.with { rig in
            var client = try await rig.connect()
            let null = GenesysIdentifier.null
            client.say(
                "open",
                #"{"organizationId":"\#(SignedRequest.organization)","conversationId":"\#(null)","#
                    + #""participant":{"id":"\#(null)","ani":"","aniName":"","dnis":""},"#
                    + #""media":[\#(Exchange.external)]}"#)
            #expect(try await client.expect("opened")["media"] == [])
            client.say("close", #"{"reason":"end"}"#)
            _ = try await client.expect("closed")
            #expect(rig.media.directory.count == 0)
            #expect(rig.adapter.counts.probes == 1)
        }
    }

    @Test func anUnknownBotIsRefusedInTheProtocol() async throws {
        try await GenesysAdapterRig.with { rig in
            var client = try await rig.connect("/genesys/connector/nobody")
            client.open()
            let refusal = try await client.expect("disconnect")
            #expect(JSONValue.object(refusal) == ["reason": "error", "info": "bot does not exist"])
            client.say("close", #"{"reason":"disconnect"}"#)
            _ = try await client.expect("closed")
        }
    }

    @Test func aLostConnectionEndsTheCall() async throws {
        try await GenesysAdapterRig.with { rig in
            var client = try await rig.connect()
            client.open()
            _ = try await client.expect("opened")
            var calls = rig.bots.made.makeAsyncIterator()
            let bot = try #require(await calls.next())
            client.peer.close()
            for await note in bot {
                guard case .ended(let reason) = note else { continue }
                #expect(reason == .connectionLost)
                break
            }
            #expect(rig.media.directory.count == 0)
        }
    }

    // MARK: Upgrade

    /// HTTP status of a refused upgrade; nil when it is taken.
    private func refusal(
        _ rig: GenesysAdapterRig, _ target: String = "/genesys/connector",
        _ headers: HTTPHeaders = GenesysAdapterRig.headers
    ) async -> UInt? {
        do {
            _ = try await rig.connect(target, headers: headers)
            return nil
        } catch WebSocketClientError.refused(let response) {
            return response.status.code
        } catch {
            return 0
        }
    }

    @Test func aSignedUpgradeIsTakenOnceAndABadOneWaitsHalfASecond() async throws {
        let authenticator = GenesysAuthenticator(credentials: [SignedRequest.credential])
        try await GenesysAdapterRig.with(authenticator: authenticator) { rig in
            var request = SignedRequest()
            request.target = "/genesys/connector?x=1"
            request.set(header: "Host", "127.0.0.1:\(rig.server.port)")
            var headers = HTTPHeaders()
            for header in request.signed().request.headers where header.name != "Host" {
                headers.add(name: header.name, value: header.value)
            }
            #expect(await refusal(rig, request.target, headers) == nil)
            let start = MonotonicClock.now()
            let replayed = await refusal(rig, request.target, headers)
            #expect(replayed == 401)
            #expect(MonotonicClock.now() - start >= .milliseconds(500))
            #expect(rig.adapter.counts.refusals == [.replayedNonce: 1])
        }
    }

    @Test func badUpgradesGetTheirStatus() async throws {
        try await GenesysAdapterRig.with { rig in
            var headers = GenesysAdapterRig.headers
            headers.replaceOrAdd(name: "Audiohook-Session-Id", value: "no-uuid")
            #expect(await refusal(rig, "/genesys/connector", headers) == 400)
            #expect(await refusal(rig, "/genesys/other") == 404)
            #expect(await refusal(rig, "/genesys/connectors") == 404)
            rig.media.beginDrain()
            #expect(await refusal(rig) == 503)
            #expect(rig.adapter.counts.overloads == 1)
        }
    }

    @Test func capacityIsAnsweredWith503() async throws {
        try await GenesysAdapterRig.with(maximumCalls: 1) { rig in
            var client = try await rig.connect()
            client.open()
            _ = try await client.expect("opened")
            #expect(await refusal(rig) == 503)
        }
    }

    // MARK: Hostile peers

    @Test func hostilePeersLeaveAGoodCallAlone() async throws {
        try await GenesysAdapterRig.with { rig in
            var good = try await rig.connect()
            good.open()
            _ = try await good.expect("opened")
            let seed: UInt64 = 0x5EED_0004
            print("seed \(seed)")
            var random = GenesysSessionRandomTests.Generator(state: seed)
            for round in 0..<30 {
                var headers = GenesysAdapterRig.headers
                headers.replaceOrAdd(name: "Audiohook-Session-Id", value: SignedRequest.correlation)
                var hostile = try await rig.connect("/genesys/connector", headers: headers)
                for _ in 0..<5 {
                    let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                        UInt8.random(in: 0...255, using: &random)
                    }
                    if Bool.random(using: &random) {
                        hostile.peer.send(bytes)
                    } else {
                        hostile.peer.send(String(decoding: bytes, as: UTF8.self))
                    }
                }
                if round % 2 == 0 {
                    guard case .text(let text)? = await hostile.next() else {
                        Issue.record("a hostile peer got no answer")
                        continue
                    }
                    #expect(text.contains(#""type":"disconnect""#))
                }
                hostile.peer.close()
            }
            good.say("ping")
            _ = try await good.expect("pong")
            #expect(rig.media.directory.count == 1)
            #expect(!rig.adapter.counts.violations.isEmpty)
        }
    }
}
