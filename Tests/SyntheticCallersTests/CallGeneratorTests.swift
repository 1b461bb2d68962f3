// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import SyntheticCallers
import Testing
import WebSocketTransport

/// Calls over real sockets on loopback. They take real time, a second or two each, side by side.
@Suite struct CallGeneratorTests {
    let group = MultiThreadedEventLoopGroup.singleton

    private func serving(
        _ seen: Seen, _ handler: @escaping @Sendable (Seen) -> any WebSocketHandler,
        _ body: (WebSocketURL) async throws -> Void
    ) async throws {
        let server = try await WebSocketServer.start(group: group) { request, loop in
            seen.requests.withLock { $0.append(request) }
            return loop.makeSucceededFuture(.accept { handler(seen) })
        }
        try await body(try WebSocketURL("ws://127.0.0.1:\(server.port)/bots/x?y=1"))
        await server.shutdown(within: .seconds(2))
    }

    private func conversation() throws -> CallerScript {
        let clip = try TestVoices.callerClip("order.wav", lead: 400, speech: 4000, tail: 400)
        return CallerScript(steps: [.init(.afterBot(quiet: .milliseconds(300)), .speak(clip))])
    }

    @Test func genesysCallIsHeldMeasuredAndRecorded() async throws {
        let seen = Seen()
        var options = GenesysCallOptions(seed: 21)
        options.credentials = try .init(key: "a2V5", secret: "c2VjcmV0")
        let call = { [options] url in
            SyntheticCall(.genesys(options), to: url, script: try conversation())
        }
        var recording = CallRecording()
        try await serving(seen, GenesysDouble.init) { url in
            let result = await CallGenerator(group: group).run(try call(url)) { event in
                seen.events.withLock { $0.append(event) }
            }
            let report = result.report
            #expect(report.violations == [])
            #expect(report.underruns == [])
            #expect(report.ending.kind == .byBot)
            let turn = try #require(report.turns.first)
            // The double answers the first silent message: one to two messages after the end.
            let latency = try #require(turn.responseLatency)
            #expect(latency > Milliseconds(190))
            #expect(report.responses.count == 2)
            #expect(report.counts.binaryReceived == 2)
            #expect(seen.events.withLock { $0.count } == report.timeline.count)
            recording = result.recording
            let heard = result.recording.botAudio.samples.filter { abs(Int($0)) > 2000 }
            #expect(heard.count == 4800)
            #expect(result.generator.count == report.counts.binarySent)
        }
        // What the server got is what the recording says was sent.
        let isWhatWasSent = seen.audio.withLock { $0 == [recording.caller] }
        #expect(isWhatWasSent)
        let request = try #require(seen.requests.withLock { $0.first })
        #expect(request.soleHeader("Audiohook-Session-Id") == options.session)
        #expect(request.soleHeader("X-API-KEY") == "a2V5")
        let host = try #require(request.soleHeader("Host"))
        let input = try #require(request.soleHeader("Signature-Input"))
        // Signed over exactly what was sent.
        func parameter(_ name: String) throws -> String {
            let tail = try #require(input.components(after: name + "="))
            return String(tail.prefix { $0 != ";" }.filter { $0 != "\"" })
        }
        let signature = GenesysSignature(
            target: request.target, authority: host, organization: options.organization,
            session: options.session, correlation: options.correlation, key: "a2V5",
            secret: Array("secret".utf8), nonce: try parameter("nonce"),
            created: try #require(Int(try parameter("created"))),
            expires: try #require(Int(try parameter("expires"))))
        #expect(signature.input == input)
        #expect(request.soleHeader("Signature") == "sig1=:\(signature.signature):")
        #expect(seen.closes.withLock { $0.map(\.code) } == [.normal])
    }

    @Test func cxoneCallRunsOnTwoSocketsAndResumesAfterHold() async throws {
        let seen = Seen()
        let clip = try TestVoices.callerClip("hello.wav", lead: 0, speech: 1600, tail: 0)
        let script = CallerScript(steps: [
            .init(.at(.milliseconds(100)), .speak(clip)),
            .init(.after(.milliseconds(100)), .hold),
            .init(.after(.milliseconds(200)), .resume),
            .init(.after(.milliseconds(200)), .hangUp),
        ])
        try await serving(seen, CXoneDouble.init) { url in
            let call = SyntheticCall(.cxone(CXoneCallOptions(seed: 8)), to: url, script: script)
            let result = await CallGenerator(group: group).run(call)
            #expect(result.report.violations == [])
            #expect(result.report.ending.kind == .byCaller)
            #expect(result.report.turns.map(\.clip) == ["hello.wav"])
            #expect(result.recording.caller.count >= 800 * 8)
        }
        let greetings = seen.texts.withLock { $0 }
        #expect(greetings.count == 4)
        #expect(Set(greetings.compactMap { $0["streamPerspective"]?.text }) == ["TX", "RX"])
        let codes = seen.closes.withLock { $0.map(\.code) }
        #expect(codes == [.normal, .normal, .normal, .normal])
        let streams = seen.audio.withLock { $0 }
        // The streams are accepted one after the other: the contact's may begin a frame late.
        let starts = streams.flatMap { stream in
            [480, 640, 800].filter { stream.dropFirst($0).starts(with: clip.encoded) }
        }
        #expect(starts.count == 1)
        #expect(streams.allSatisfy { $0.count % 160 == 0 && $0.count > 0 })
    }

    @Test func manyCallsShareTheLoops() async throws {
        let seen = Seen()
        let script = try conversation()
        try await serving(seen, GenesysDouble.init) { url in
            let generator = CallGenerator(group: group)
            let results = await withTaskGroup(of: CallResult.self) { tasks in
                for seed in UInt64(1)...16 {
                    tasks.addTask {
                        var call = SyntheticCall(
                            .genesys(GenesysCallOptions(seed: seed)), to: url, script: script)
                        call.isRecorded = false
                        return await generator.run(call)
                    }
                }
                return await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(results.count == 16)
            #expect(results.flatMap(\.report.violations) == [])
            #expect(results.allSatisfy { $0.report.ending.kind == .byBot })
            #expect(Set(results.map(\.report.call)).count == 16)
            #expect(results.allSatisfy { $0.recording.sampleCount == 0 })
        }
    }

    @Test func aRefusedUpgradeIsAResult() async throws {
        let server = try await WebSocketServer.start(group: group) { _, loop in
            loop.makeSucceededFuture(.refuse(HTTPResponse(status: .unauthorized)))
        }
        let url = try WebSocketURL("ws://127.0.0.1:\(server.port)/")
        for platform: SyntheticCall.Platform in [
            .genesys(GenesysCallOptions(seed: 1)), .cxone(CXoneCallOptions(seed: 1)),
        ] {
            let call = SyntheticCall(platform, to: url, script: CallerScript(steps: []))
            let report = await CallGenerator(group: group).run(call).report
            #expect(report.ending.kind == .refused)
            #expect(report.ending.detail == "HTTP 401")
        }
        await server.shutdown(within: .seconds(2))
    }

    @Test func aServerThatIsNotThereIsAResult() async throws {
        // Port 1 needs rights to listen on: nobody does.
        let call = SyntheticCall(
            .genesys(GenesysCallOptions(seed: 1)), to: try WebSocketURL("ws://127.0.0.1:1/"),
            script: CallerScript(steps: []))
        let report = await CallGenerator(group: group).run(call).report
        #expect(report.ending.kind == .refused)
        #expect(report.ending.detail.hasPrefix("unreachable"))
        #expect(report.mediaStart == nil)
    }

    @Test func aServerThatHangsUpFirstBreaksARule() async throws {
        try await serving(Seen(), RudeDouble.init) { url in
            let call = SyntheticCall(
                .genesys(GenesysCallOptions(seed: 1)), to: url, script: CallerScript(steps: []))
            let report = await CallGenerator(group: group).run(call).report
            #expect(report.violations.map(\.rule) == [.closedByServer])
            #expect(report.ending.kind == .failed)
        }
    }

    @Test func cancellingHangsUpByTheProtocol() async throws {
        let seen = Seen()
        try await serving(seen, GenesysDouble.init) { url in
            let call = SyntheticCall(
                .genesys(GenesysCallOptions(seed: 1)), to: url, script: CallerScript(steps: []))
            let opened = AsyncStream<Void>.makeStream()
            let task = Task {
                await CallGenerator(group: group).run(call) { event in
                    if event.what == "opened" { opened.continuation.yield() }
                }
            }
            for await _ in opened.stream { break }
            task.cancel()
            let report = await task.value.report
            #expect(report.ending.kind == .byCaller)
            #expect(report.violations == [])
        }
        let types = seen.texts.withLock { $0.compactMap { $0["type"]?.text } }
        #expect(types.first == "open")
        #expect(types.contains("close"))
    }
}

extension String {
    /// What follows the first occurrence of `marker`.
    fileprivate func components(after marker: String) -> Substring? {
        firstRange(of: marker).map { self[$0.upperBound...] }
    }
}
