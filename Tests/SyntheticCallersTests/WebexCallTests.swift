// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import GRPCTransport
import NIOCore
import NIOPosix
import Synchronization
import SyntheticCallers
import Testing

/// Webex calls over real sockets on loopback. They take real time, a second or two each.
@Suite struct WebexCallTests {
    let group = MultiThreadedEventLoopGroup.singleton

    private func conversation() throws -> CallerScript {
        let clip = try TestVoices.callerClip("order.wav", lead: 400, speech: 4000, tail: 400)
        return CallerScript(steps: [.init(.afterBot(quiet: .milliseconds(300)), .speak(clip))])
    }

    @Test func aCallIsHeldMeasuredAndRecorded() async throws {
        let seen = WebexSeen()
        let events = Mutex<[TimelineEvent]>([])
        var options = WebexCallOptions(seed: 21)
        options.token = "Bearer a.b.c"
        let script = try conversation()
        try await withWebexDouble(seen) { [options] url, _ in
            let call = SyntheticCall(options, to: WebexEndpoint(url), script: script)
            let result = await CallGenerator(group: group).run(call) { event in
                events.withLock { $0.append(event) }
            }
            let report = result.report
            #expect(report.violations == [])
            #expect(report.ending.kind == .byBot)
            #expect(report.outputVariables == ["session_summary": "spoke"])
            #expect(report.responses.count == 2)
            let turn = try #require(report.turns.first)
            // The double needs 200 loud samples, and one silent frame.
            let onset = try #require(turn.onsetLatency)
            let endpoint = try #require(turn.endpointLatency)
            let prompt = try #require(turn.promptLatency)
            #expect(onset > Milliseconds(0))
            #expect(onset < Milliseconds(250))
            #expect(endpoint > Milliseconds(0))
            #expect(endpoint < Milliseconds(250))
            #expect(prompt < Milliseconds(100))
            #expect(events.withLock { $0.count } == report.timeline.count)
            let heard = result.recording.botAudio.samples.filter { abs(Int($0)) > 2000 }
            #expect(heard.count == 4800)
            let audio = try #require(seen.calls.withLock { $0[report.call]?.audio })
            // What the server got is, but for the time without an open RPC, what was sent.
            let voiced = { (codes: [UInt8]) in codes.filter { MuLaw.magnitude($0) > 40 } }
            #expect(voiced(audio) == voiced(result.recording.caller))
            #expect(!voiced(audio).isEmpty)
            #expect(result.generator.count == report.counts.binarySent)
        }
        let call = try #require(seen.calls.withLock { $0[options.conversation] })
        // The answer allows barge-in: the next RPC is open when the transfer comes.
        #expect(call.rpcs == ["sessionStart", "audio", "audio"])
        let tokens = seen.metadata.withLock { $0.map { $0["authorization"] } }
        #expect(tokens == Array(repeating: "Bearer a.b.c", count: 3))
    }

    @Test func manyCallsShareConnections() async throws {
        let seen = WebexSeen()
        let script = try conversation()
        try await withWebexDouble(seen) { url, server in
            let one = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let generator = CallGenerator(group: one)
            let endpoint = WebexEndpoint(url, callsPerConnection: 8)
            let results = await withTaskGroup(of: CallResult.self) { tasks in
                for seed in UInt64(1)...20 {
                    tasks.addTask {
                        await generator.run(
                            SyntheticCall(
                                WebexCallOptions(seed: seed), to: endpoint, script: script,
                                isRecorded: false))
                    }
                }
                return await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(results.flatMap(\.report.violations) == [])
            #expect(results.allSatisfy { $0.report.ending.kind == .byBot })
            #expect(Set(results.map(\.report.call)).count == 20)
            #expect(results.allSatisfy { $0.recording.sampleCount == 0 })
            #expect(server.counters.connectionsAccepted == 3)
            try await one.shutdownGracefully()
        }
    }

    @Test func cancellingHangsUpByTheProtocol() async throws {
        let seen = WebexSeen()
        try await withWebexDouble(seen) { url, _ in
            let call = SyntheticCall(
                WebexCallOptions(seed: 1), to: WebexEndpoint(url), script: CallerScript(steps: []))
            let speaking = AsyncStream<Void>.makeStream()
            let task = Task {
                await CallGenerator(group: group).run(call) { event in
                    if event.what == "speaks" { speaking.continuation.yield() }
                }
            }
            for await _ in speaking.stream { break }
            task.cancel()
            let report = await task.value.report
            #expect(report.ending.kind == .byCaller)
            #expect(report.violations == [])
            #expect(seen.calls.withLock { $0[report.call]?.hasEnded } == true)
        }
    }

    @Test func aRefusalIsAResult() async throws {
        let refusal = GRPCStatus(.unauthenticated, "no token")
        try await withWebexDouble(WebexSeen(), refusal: refusal) { url, _ in
            let call = SyntheticCall(
                WebexCallOptions(seed: 1), to: WebexEndpoint(url), script: CallerScript(steps: []))
            let report = await CallGenerator(group: group).run(call).report
            #expect(report.ending.kind == .refused)
            #expect(report.ending.detail == "unauthenticated: no token")
            #expect(report.violations == [])
        }
    }

    @Test func aServerThatIsNotThereIsAResult() async throws {
        // Port 1 needs rights to listen on: nobody does.
        let call = SyntheticCall(
            WebexCallOptions(seed: 1), to: WebexEndpoint(try GRPCURL("grpc://127.0.0.1:1")),
            script: CallerScript(steps: []))
        let report = await CallGenerator(group: group).run(call).report
        #expect(report.ending.kind == .refused)
        #expect(report.ending.detail.hasPrefix("unreachable"))
        #expect(report.mediaStart == nil)
    }

    @Test func aServerThatGoesAwayBreaksARule() async throws {
        try await withWebexDouble(WebexSeen()) { url, server in
            let call = SyntheticCall(
                WebexCallOptions(seed: 1), to: WebexEndpoint(url), script: CallerScript(steps: []))
            let speaking = AsyncStream<Void>.makeStream()
            async let result = CallGenerator(group: group).run(call) { event in
                if event.what == "speaks" { speaking.continuation.yield() }
            }
            for await _ in speaking.stream { break }
            await server.shutdown(within: .milliseconds(50))
            let report = await result.report
            #expect(report.violations.map(\.rule) == [.errorStatus])
            #expect(report.ending.kind == .failed)
        }
    }
}

@Suite struct GRPCURLTests {
    @Test(arguments: [
        ("grpc://localhost:8086", "localhost", 8086, false),
        ("grpc://example.com", "example.com", 80, false),
        ("grpcs://example.com/", "example.com", 443, true),
        ("grpcs://[::1]:8443", "::1", 8443, true),
        ("grpc://[::1]", "::1", 80, false),
    ])
    func addressesAreRead(_ text: String, _ host: String, _ port: Int, _ isSecure: Bool) throws {
        let url = try GRPCURL(text)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.isSecure == isSecure)
    }

    @Test(arguments: [
        ("http://x", GRPCURL.Unusable.scheme), ("x:80", .scheme), ("grpc://", .host),
        ("grpc://:80", .host), ("grpc://x:", .port), ("grpc://x:0", .port),
        ("grpc://x:65536", .port), ("grpc://x/path", .path), ("grpc://x?y", .path),
    ])
    func otherTextsAreNot(_ text: String, _ reason: GRPCURL.Unusable) {
        #expect(throws: reason) { try GRPCURL(text) }
    }
}
