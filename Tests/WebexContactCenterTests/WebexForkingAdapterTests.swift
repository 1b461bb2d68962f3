// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import GRPCTransport
import Logging
import MediaEngine
import MediaServer
import NIOCore
import NIOPosix
import Testing
import WebexMessages

@testable import WebexContactCenter

/// Media forking over real sockets.
@Suite(.timeLimit(.minutes(1))) struct WebexForkingAdapterTests {
    private typealias Note = WebexForkPeer.Note

    private static let loudSample: Int16 = 32_124
    private static let acknowledged: [Note] = [.response("SUCCESS", .errorNone), .ended(.ok)]

    private struct Rig: Sendable {
        let bots: ForkBots
        let media: MediaServer
        let adapter: WebexForkingAdapter
        let server: GRPCServer

        func open(_ authorization: String? = nil) async throws -> WebexForkPeer {
            try await WebexForkPeer.open(
                port: server.port, authorization: authorization,
                on: MultiThreadedEventLoopGroup.singleton.next())
        }
    }

    private func with(
        bots: ForkBots = ForkBots(), authenticator: WebexAuthenticator = .admittingAnyone(),
        grace: MediaDuration = WebexForkPolicy.grace, maximumCalls: Int = 100,
        _ body: (Rig) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let media = try await MediaServer.start(
            configuration: MediaServer.Configuration(maximumCalls: maximumCalls), bots: bots,
            group: group, logger: logger)
        let adapter = WebexForkingAdapter(
            server: media,
            configuration: WebexForkingAdapter.Configuration(
                authenticator: authenticator, grace: grace),
            eventLoop: group.next(), logger: logger)
        var router = GRPCRouter()
        adapter.register(in: &router)
        let server = try await GRPCServer.start(router: router, group: group)
        do {
            try await body(Rig(bots: bots, media: media, adapter: adapter, server: server))
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
        _ count: Int, _ notes: inout AsyncStream<ForkNote>.Iterator
    ) async -> [CallEvent] {
        var heard = 0
        var events: [CallEvent] = []
        while heard < count, let note = await notes.next() {
            switch note {
            case .audio(let samples): heard += samples.count { $0 == Self.loudSample }
            case .event(let event): events.append(event)
            case .ended(let reason):
                Issue.record("the call ended after \(heard) samples: \(reason)")
                return events
            case .started: break
            }
        }
        return events
    }

    private func ending(_ notes: inout AsyncStream<ForkNote>.Iterator) async -> CallEndReason? {
        while let note = await notes.next() {
            if case .ended(let reason) = note { return reason }
        }
        return nil
    }

    private func started(_ notes: inout AsyncStream<ForkNote>.Iterator) async -> CallInfo? {
        guard case .started(let info)? = await notes.next() else { return nil }
        return info
    }

    @Test func oneRPCWithBothLegsIsTwoCallsAndOneAcknowledgement() async throws {
        try await with { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            let peer = try await rig.open()
            for _ in 0..<50 {
                peer.send(try ForkRequest.message(info: ["topic": "billing"]))
                peer.send(try ForkRequest.message(role: .agent, roleID: "r-2"))
            }
            for (participant, role) in [("caller", "r-1"), ("agent", "r-2")] {
                var notes = try #require(await calls.next()).makeAsyncIterator()
                let info = await started(&notes)
                #expect(info?.participant == participant)
                #expect(info?.key.description == "webex-fork/c-1/\(participant)/\(role)")
                #expect(info?.organization == "o-1")
                #expect(info?.takesBotAudio == false)
                #expect(info?.inputs == (participant == "caller" ? ["topic": "billing"] : [:]))
                _ = await hear(7_000, &notes)
            }
            #expect(rig.media.directory.count == 2)
            peer.halfClose()
            #expect(await peer.outcome() == Self.acknowledged)
            #expect(rig.adapter.counts.legsStarted == 2)
            #expect(rig.adapter.counts.acknowledgements == 1)
        }
    }

    @Test func anRPCForEachLegIsTheSameTwoCalls() async throws {
        try await with { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            let caller = try await rig.open()
            caller.send(try ForkRequest.message())
            var first = try #require(await calls.next()).makeAsyncIterator()
            let agent = try await rig.open()
            agent.send(try ForkRequest.message(role: .agent, roleID: "r-2"))
            var second = try #require(await calls.next()).makeAsyncIterator()
            #expect(await started(&first)?.participant == "caller")
            #expect(await started(&second)?.participant == "agent")
            caller.halfClose()
            #expect(await caller.outcome() == Self.acknowledged)
            #expect(await ending(&first) == .platformEnded)
            // The other leg goes on until its own RPC ends.
            for _ in 0..<10 { agent.send(try ForkRequest.message(role: .agent, roleID: "r-2")) }
            _ = await hear(1_400, &second)
            agent.halfClose()
            #expect(await agent.outcome() == Self.acknowledged)
            #expect(await ending(&second) == .platformEnded)
        }
    }

    @Test func aLostConnectionIsFollowedByAnotherFromAnyLoop() async throws {
        try await with { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            var peer = try await rig.open()
            peer.send(try ForkRequest.message())
            var notes = try #require(await calls.next()).makeAsyncIterator()
            for round in 0..<6 {
                for _ in 0..<10 { peer.send(try ForkRequest.message()) }
                _ = await hear(1_400, &notes)
                if round % 2 == 0 {
                    try await peer.disconnect()
                } else {
                    peer.cancel()
                }
                peer = try await rig.open()
            }
            for _ in 0..<10 { peer.send(try ForkRequest.message()) }
            _ = await hear(1_400, &notes)
            #expect(rig.adapter.counts.legsStarted == 1)
            #expect(rig.adapter.counts.legsResumed == 6)
            peer.halfClose()
            #expect(await peer.outcome() == Self.acknowledged)
            #expect(await ending(&notes) == .platformEnded)
            #expect(rig.media.directory.count == 0)
        }
    }

    @Test func aSecondRPCTakesTheLegFromTheFirst() async throws {
        try await with { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            let old = try await rig.open()
            old.send(try ForkRequest.message())
            var notes = try #require(await calls.next()).makeAsyncIterator()
            let new = try await rig.open()
            new.send(try ForkRequest.message())
            while rig.adapter.counts.legsResumed == 0 { await Task.yield() }
            // The old one is heard no more, and its end is not the leg's.
            old.send(try ForkRequest.message())
            old.halfClose()
            #expect(await old.outcome() == Self.acknowledged)
            for _ in 0..<10 { new.send(try ForkRequest.message()) }
            _ = await hear(1_400, &notes)
            new.halfClose()
            #expect(await new.outcome() == Self.acknowledged)
            #expect(await ending(&notes) == .platformEnded)
            #expect(rig.adapter.counts.legsStarted == 1)
        }
    }

    @Test func aLegThatNobodyComesBackForEnds() async throws {
        try await with(grace: .milliseconds(50)) { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            let peer = try await rig.open()
            peer.send(try ForkRequest.message())
            var notes = try #require(await calls.next()).makeAsyncIterator()
            try await peer.disconnect()
            #expect(await ending(&notes) == .connectionLost)
            #expect(rig.adapter.counts.legsExpired == 1)
            #expect(rig.media.directory.count == 0)
        }
    }

    @Test func samplesAreWholeHoweverTheyAreCut() async throws {
        try await with(bots: ForkBots(rate: .hz16000)) { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            let peer = try await rig.open()
            // 1, 2, 3… as LINEAR16 in pieces of 17 octets.
            let octets = (1...1_700).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
            for start in stride(from: 0, to: octets.count, by: 17) {
                peer.send(
                    try ForkRequest.message(
                        audio: Array(octets[start..<start + 17]), encoding: .linear16,
                        rate: 16_000))
            }
            var notes = try #require(await calls.next()).makeAsyncIterator()
            var heard: [Int16] = []
            while heard.count < 1_600, let note = await notes.next() {
                if case .audio(let samples) = note { heard += samples.filter { $0 != 0 } }
            }
            #expect(heard.count >= 1_600)
            #expect(heard == Array(1...Int16(heard.count)))
        }
    }

    @Test func missingAudioIsAGap() async throws {
        try await with { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            let peer = try await rig.open()
            for milliseconds in [Int64(0), 20, 40, 3_060, 3_080] {
                peer.send(try ForkRequest.message(milliseconds: milliseconds))
            }
            var notes = try #require(await calls.next()).makeAsyncIterator()
            let jumps = await hear(600, &notes).compactMap { event -> Int? in
                guard case .timelineJumped(let samples) = event else { return nil }
                return samples
            }
            #expect(jumps == [24_000])
        }
    }

    @Test func aBotThatIsDoneHearsNoMoreAndTheRPCGoesOn() async throws {
        try await with(bots: ForkBots(endsAtOnce: true)) { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            let peer = try await rig.open()
            for _ in 0..<10 { peer.send(try ForkRequest.message()) }
            var notes = try #require(await calls.next()).makeAsyncIterator()
            #expect(await ending(&notes) == .botEnded)
            peer.halfClose()
            #expect(await peer.outcome() == Self.acknowledged)
            #expect(rig.adapter.counts.legsStarted == 1)
            #expect(rig.media.directory.count == 0)
        }
    }

    @Test func anRPCWithoutAudioIsAcknowledgedToo() async throws {
        try await with { rig in
            let peer = try await rig.open()
            peer.halfClose()
            #expect(await peer.outcome() == Self.acknowledged)
        }
    }

    // MARK: Refusals

    @Test func badRequestsEndWithTheirStatus() async throws {
        try await with { rig in
            let cases: [([UInt8], GRPCStatusCode)] = [
                (try ForkRequest.message(conversation: ""), .invalidArgument),
                (try ForkRequest.message(organization: ""), .invalidArgument),
                (try ForkRequest.message(role: .roleUnspecified, roleID: ""), .invalidArgument),
                ([0xFF], .invalidArgument),
                (try ForkRequest.message(organization: "no-bot"), .notFound),
            ]
            for (message, code) in cases {
                let peer = try await rig.open()
                peer.send(message)
                #expect(await peer.outcome() == [.ended(code)])
            }
            #expect(rig.media.directory.count == 0)
            #expect(rig.adapter.counts.refusals.values.reduce(0, +) == 5)
        }
    }

    @Test func formatsThatCannotBeDecodedAreSaidSo() async throws {
        try await with { rig in
            for message in [
                try ForkRequest.message(rate: 44_100),
                try ForkRequest.message(encoding: .UNRECOGNIZED(9)),
            ] {
                let peer = try await rig.open()
                peer.send(message)
                let outcome = await peer.outcome()
                #expect(outcome.count == 2)
                guard case .response(_, .errorInvalidAudioFormat)? = outcome.first else {
                    Issue.record("no response about the format: \(outcome)")
                    continue
                }
                #expect(outcome.last == .ended(.invalidArgument))
            }
            #expect(rig.adapter.counts.refusals == [.badRate: 1, .badEncoding: 1])
        }
    }

    @Test func anotherOrganisationDoesNotGetIn() async throws {
        try await with { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            let peer = try await rig.open()
            peer.send(try ForkRequest.message())
            var notes = try #require(await calls.next()).makeAsyncIterator()
            let other = try await rig.open()
            other.send(try ForkRequest.message(organization: "o-2"))
            #expect(await other.outcome() == [.ended(.permissionDenied)])
            for _ in 0..<10 { peer.send(try ForkRequest.message()) }
            _ = await hear(1_400, &notes)
        }
    }

    @Test func aFullServerSaysSo() async throws {
        try await with(maximumCalls: 1) { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            let peer = try await rig.open()
            peer.send(try ForkRequest.message())
            _ = await calls.next()
            let other = try await rig.open()
            other.send(try ForkRequest.message(conversation: "c-2"))
            #expect(await other.outcome() == [.ended(.resourceExhausted)])
        }
    }

    @Test func withoutAGoodTokenNothingIsRead() async throws {
        let issuer = try await TestIssuer()
        let time = TestTime()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let keys = WebexIssuerKeys(
            fetcher: ScriptedFetcher([
                WebexIssuerKeyResponse(status: 200, body: try issuer.keySet())
            ]), clock: time.clock, logger: logger)
        func authenticator(_ rule: WebexClientCertificateRule?) -> WebexAuthenticator {
            WebexAuthenticator(
                requirements: WebexTokenRequirements(
                    dataSourceURL: TestIssuer.url,
                    schemaUUID: WebexTokenPolicy.mediaForkingSchema),
                keys: keys, certificates: rule, logger: logger, clock: time.clock)
        }
        let name = "com.cisco.datasource.schema.uuid"
        let good = try issuer.token([name: "\"\(WebexTokenPolicy.mediaForkingSchema)\""])
        try await with(authenticator: authenticator(nil)) { rig in
            for token in [nil, "x", try issuer.token()] {
                let peer = try await rig.open(token)
                peer.send(try ForkRequest.message())
                #expect(await peer.outcome() == [.ended(.unauthenticated)])
            }
            #expect(rig.adapter.counts.streams == 0)
            let peer = try await rig.open("Bearer \(good)")
            peer.send(try ForkRequest.message())
            peer.halfClose()
            #expect(await peer.outcome() == Self.acknowledged)
        }
        // A certificate that is asked for and not shown: the token does not help.
        let rule = try WebexClientCertificateRule("CN=*.ciscoccservice.com")
        let strict = authenticator(rule)
        try await with(authenticator: strict) { rig in
            let peer = try await rig.open(good)
            #expect(await peer.outcome() == [.ended(.unauthenticated)])
            #expect(strict.counts.certificateRefusals == [.missing: 1])
        }
    }
}
