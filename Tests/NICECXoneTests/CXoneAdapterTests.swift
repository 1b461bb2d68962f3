// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Logging
import MediaEngine
import MediaServer
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing
import WebSocketTransport

@testable import NICECXone

/// The adapter over real sockets.
@Suite(.timeLimit(.minutes(1))) struct CXoneAdapterTests {
    private static let connected =
        #"{"command":"CONNECTED","messageType":"COMMAND","message":"BEGIN AUDIO STREAM"}"#
    private static let loud: UInt8 = 0x80
    private static let loudSample: Int16 = 32_124

    private struct Rig: Sendable {
        let bots: RecordingBots
        let media: MediaServer
        let adapter: CXoneAdapter
        let server: WebSocketServer

        func connect(on eventLoop: (any EventLoop)? = nil) async throws -> TestPeer {
            try await TestPeer.connect(
                port: server.port, target: "/cxone",
                on: eventLoop ?? MultiThreadedEventLoopGroup.singleton.next())
        }

        /// Connects and sends an initial message; the answer must be `CONNECTED`.
        func stream(
            _ perspective: String = "TX", contact: Int = 88_123
        ) async throws -> (peer: TestPeer, notes: AsyncStream<PeerNote>.Iterator) {
            let peer = try await connect()
            peer.send(CXoneAdapterTests.initial(perspective, contact: contact))
            var notes = peer.notes.makeAsyncIterator()
            #expect(await notes.next() == .text(CXoneAdapterTests.connected))
            return (peer, notes)
        }
    }

    private static func initial(
        _ perspective: String = "TX", contact: Int = 88_123, token: String = "Basic abc"
    ) -> String {
        #"{"authenticationToken":"\#(token)","executionInfo":{"contactId":\#(contact),"busNo":4410,"#
            + #""requestId":1},"streamPerspective":"\#(perspective)","appParams":"","#
            + #""appConfig":{"lang":"en"}}"#
    }

    private func with(
        _ behaviour: RecordingBot.Behaviour = RecordingBot.Behaviour(),
        grace: MediaDuration = CXonePolicy.grace, maximumCalls: Int = 100,
        _ body: (Rig) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let bots = RecordingBots(behaviour)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let media = try await MediaServer.start(
            configuration: MediaServer.Configuration(maximumCalls: maximumCalls), bots: bots,
            group: group, logger: logger)
        let adapter = CXoneAdapter(
            server: media,
            configuration: CXoneAdapter.Configuration(
                tokens: [CXoneToken("Basic abc")], grace: grace,
                webhookTokens: [CXoneToken("Basic text")]),
            eventLoop: group.next(), logger: logger)
        let server = try await WebSocketServer.start(
            group: group, accept: { request, eventLoop in adapter.accept(request, on: eventLoop) },
            respond: { request, eventLoop in
                eventLoop.makeSucceededFuture(adapter.respond(to: request))
            })
        let rig = Rig(bots: bots, media: media, adapter: adapter, server: server)
        do {
            try await body(rig)
        } catch {
            await server.shutdown(within: .seconds(1))
            throw error
        }
        await server.shutdown(within: .seconds(1))
        adapter.stop()
        try await media.stop(deadline: .zero)
    }

    /// Reads until so many loud samples have come, or the call has ended.
    private func hear(
        _ count: Int, _ notes: inout AsyncStream<BotNote>.Iterator
    ) async -> [CallEvent] {
        var heard = 0
        var events: [CallEvent] = []
        while heard < count, let note = await notes.next() {
            switch note {
            case .audio(let samples): heard += samples.count { $0 == Self.loudSample }
            case .event(let event): events.append(event)
            case .ended:
                Issue.record("the call ended after \(heard) samples")
                return events
            case .started: break
            }
        }
        return events
    }

    private func ending(_ notes: inout AsyncStream<BotNote>.Iterator) async -> CallEndReason? {
        while let note = await notes.next() {
            if case .ended(let reason) = note { return reason }
        }
        return nil
    }

    @Test func twoPerspectivesAreTwoCallsOfTheServer() async throws {
        try await with { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            for (perspective, participant) in [("TX", "caller"), ("RX", "agent"), ("MIX", "mixed")]
            {
                let (peer, _) = try await rig.stream(perspective)
                var notes = try #require(await calls.next()).makeAsyncIterator()
                guard case .started(let info)? = await notes.next() else {
                    Issue.record("the bot was not started")
                    return
                }
                #expect(info.participant == participant)
                #expect(info.key.description == "cxone/4410/88123/\(perspective)")
                #expect(info.organization == "4410")
                #expect(info.inputs == ["lang": "en"])
                for _ in 0..<50 { peer.send([UInt8](repeating: Self.loud, count: 160)) }
                _ = await hear(7_000, &notes)
            }
            #expect(rig.media.directory.count == 3)
            #expect(rig.adapter.counts.streamsStarted == 3)
        }
    }

    @Test func holdByCloseContinuesTheSameCallFromAnyLoop() async throws {
        try await with { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            var (peer, notes) = try await rig.stream()
            var bot = try #require(await calls.next()).makeAsyncIterator()
            // Connections go round the event loops: some returns land on another one.
            for _ in 0..<5 {
                peer.send([UInt8](repeating: Self.loud, count: 1_600))
                _ = await hear(1_400, &bot)
                peer.close()
                #expect(await notes.next() == .closed(1000))
                (peer, notes) = try await rig.stream()
            }
            #expect(rig.media.directory.count == 1)
            #expect(rig.adapter.counts.streamsStarted == 1)
            #expect(rig.adapter.counts.streamsResumed == 5)
        }
    }

    @Test func timeBetweenConnectionsIsDeclaredAsAGap() async throws {
        try await with { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            var (peer, notes) = try await rig.stream()
            var bot = try #require(await calls.next()).makeAsyncIterator()
            peer.send([UInt8](repeating: Self.loud, count: 160))
            _ = await hear(100, &bot)
            let start = MonotonicClock.now()
            peer.close()
            #expect(await notes.next() == .closed(1000))
            // Other connections pass the time.
            for contact in 0..<20 { _ = try await rig.stream(contact: contact) }
            (peer, notes) = try await rig.stream()
            peer.send([UInt8](repeating: Self.loud, count: 8))
            let most = SampleRate.hz8000.samples(in: MonotonicClock.now() - start) + 400
            let jumps = await hear(4, &bot).compactMap { event -> Int? in
                guard case .timelineJumped(let samples) = event else { return nil }
                return samples
            }
            #expect(jumps.count == 1)
            #expect((1...most).contains(jumps.first ?? 0))
        }
    }

    @Test func aSecondConnectionReplacesTheFirst() async throws {
        try await with { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            var (first, firstNotes) = try await rig.stream()
            var bot = try #require(await calls.next()).makeAsyncIterator()
            let (second, _) = try await rig.stream()
            #expect(await firstNotes.next() == .closed(1000))
            first.send([1, 2, 3])
            second.send([UInt8](repeating: Self.loud, count: 1_600))
            _ = await hear(1_400, &bot)
            #expect(rig.adapter.counts.streamsResumed == 1)
            #expect(rig.media.directory.count == 1)
        }
    }

    @Test func aCallEndsWhenItsGraceHasPassed() async throws {
        try await with(grace: .milliseconds(50)) { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            let (peer, _) = try await rig.stream()
            var bot = try #require(await calls.next()).makeAsyncIterator()
            peer.close()
            #expect(await ending(&bot) == .platformEnded)
            #expect(rig.media.directory.count == 0)
        }
    }

    @Test func aStreamThatItsBotEndedIsNotTakenAgain() async throws {
        let behaviour = RecordingBot.Behaviour(started: {
            $0.endNow(CallEnding(.completed))
        })
        try await with(behaviour) { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            var (_, notes) = try await rig.stream()
            var bot = try #require(await calls.next()).makeAsyncIterator()
            #expect(await ending(&bot) == .botEnded)
            #expect(await notes.next() == .closed(1000))
            let again = try await rig.connect()
            again.send(Self.initial())
            var answers = again.notes.makeAsyncIterator()
            #expect(
                await answers.next()
                    == .text(
                        #"{"command":"ERROR","messageType":"COMMAND","message":"call has ended"}"#))
            #expect(await answers.next() == .closed(1008))
        }
    }

    // MARK: Refusals

    @Test func aWrongTokenIsRefusedWithoutACall() async throws {
        try await with { rig in
            let peer = try await rig.connect()
            peer.send(Self.initial(token: "wrong"))
            var notes = peer.notes.makeAsyncIterator()
            #expect(
                await notes.next()
                    == .text(
                        #"{"command":"ERROR","messageType":"COMMAND","message":"authentication failed"}"#
                    ))
            #expect(await notes.next() == .closed(1008))
            #expect(rig.media.directory.count == 0)
            #expect(rig.adapter.counts.violations == [.wrongToken: 1])
        }
    }

    @Test func audioBeforeTheInitialMessageCloses() async throws {
        try await with { rig in
            let peer = try await rig.connect()
            peer.send([1, 2, 3])
            var notes = peer.notes.makeAsyncIterator()
            #expect(await notes.next() == .closed(1008))
        }
    }

    @Test func capacityIsAnsweredWith503ExceptForHeldCalls() async throws {
        try await with(maximumCalls: 1) { rig in
            var (peer, notes) = try await rig.stream()
            await #expect(throws: WebSocketClientError.self) { try await rig.connect() }
            #expect(rig.adapter.counts.overloads == 1)
            peer.close()
            #expect(await notes.next() == .closed(1000))
            // A held call may come back, a new one is refused by its first message.
            let other = try await rig.connect()
            other.send(Self.initial(contact: 1))
            var answers = other.notes.makeAsyncIterator()
            #expect(
                await answers.next()
                    == .text(
                        #"{"command":"ERROR","messageType":"COMMAND","message":"no capacity"}"#))
            (peer, notes) = try await rig.stream()
        }
    }

    @Test func hostilePeersLeaveAGoodCallAlone() async throws {
        try await with { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            let (good, _) = try await rig.stream()
            var bot = try #require(await calls.next()).makeAsyncIterator()
            let seed: UInt64 = 0x5EED_0005
            print("seed \(seed)")
            var state = seed
            func byte() -> UInt8 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 56)
            }
            for _ in 0..<30 {
                let peer = try await rig.connect()
                let bytes = (0..<Int(byte())).map { _ in byte() }
                if byte() < 128 {
                    peer.send(bytes)
                } else {
                    peer.send("x" + String(decoding: bytes, as: UTF8.self))
                }
                var notes = peer.notes.makeAsyncIterator()
                while let note = await notes.next() {
                    if case .closed(let code) = note { #expect(code == 1008) }
                }
            }
            good.send([UInt8](repeating: Self.loud, count: 1_600))
            _ = await hear(1_400, &bot)
            #expect(rig.media.directory.count == 1)
        }
    }

    // MARK: The text webhook

    @Test func textWebhookAnswersByItsTable() async throws {
        try await with { rig in
            func status(
                _ method: HTTPMethod, _ body: String, path: String = "/cxone/utterance"
            ) -> UInt {
                rig.adapter.respond(
                    to: HTTPRequest(method: method, target: path, body: ByteBuffer(string: body))
                ).status.code
            }
            let good =
                #"{"authorizationHeader":"Basic text","contactId":1,"busNo":2,"#
                + #""participantId":"agent","messageBody":"hi"}"#
            #expect(status(.POST, good) == 200)
            #expect(status(.POST, "{") == 400)
            #expect(status(.POST, good.replacing("Basic text", with: "Basic abc")) == 401)
            #expect(status(.GET, good) == 405)
            #expect(status(.POST, good, path: "/cxone") == 404)
            #expect(rig.adapter.counts.utterances == 1)
            #expect(rig.adapter.counts.refusedUtterances == [400: 1, 401: 1])
        }
    }
}
