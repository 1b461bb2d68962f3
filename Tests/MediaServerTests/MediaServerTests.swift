// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Logging
import MediaEngine
import MediaServer
import NIOCore
import NIOPosix
import Testing

@Suite struct MediaServerTests {
    private struct Provider: BotProvider {
        func makeBot(for call: CallInfo) -> BotSetup? {
            call.bot == "unknown"
                ? nil
                : BotSetup(
                    connector: RecordingBot(), rate: .hz8000, cleansAudio: call.bot == "clean")
        }
    }

    private func withServer(
        maximumCalls: Int = 3,
        _ body: (MediaServer, any EventLoopGroup) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let server = try await MediaServer.start(
            configuration: .init(maximumCalls: maximumCalls), bots: Provider(), group: group,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await body(server, group)
        try await server.stop(deadline: .zero)
        try await group.shutdownGracefully()
    }

    private func admit(
        _ conversation: String, bot: String? = nil, egress: CallConfiguration.Egress? = nil,
        to server: MediaServer, on loop: any EventLoop
    ) async throws -> AdmissionError? {
        try await loop.submit { () -> AdmissionError? in
            do throws(AdmissionError) {
                let platform = RecordingPlatform()
                platform.endsAtOnce = try server.admit(
                    CallInfo(key: CallKey(platform: "test", conversation: conversation), bot: bot),
                    ingress: .pcmu8000, egress: egress, platform: platform, on: loop)
                return nil
            } catch {
                return error
            }
        }.get()
    }

    @Test func callsAreAdmittedUpToTheLimitAndEveryRefusalHasItsReason() async throws {
        try await withServer { server, group in
            let loop = group.next()
            let result1 = try await admit("a", to: server, on: loop)
            #expect(result1 == nil)
            let result2 = try await admit("a", to: server, on: group.next())
            #expect(result2 == .alreadyLive)
            let result3 = try await admit("b", bot: "unknown", to: server, on: loop)
            #expect(result3 == .noSuchBot)
            let result4 = try await admit("b", to: server, on: group.next())
            #expect(result4 == nil)
            let result5 = try await admit("c", to: server, on: loop)
            #expect(result5 == nil)
            #expect(server.refusal() == .atCapacity)
            let result6 = try await admit("d", to: server, on: loop)
            #expect(result6 == .atCapacity)
            #expect(
                server.refusedCalls == [.alreadyLive: 1, .noSuchBot: 1, .atCapacity: 1])
            let result7 = try await server.statistics().liveCalls
            #expect(result7 == 3)
        }
    }

    @Test func aCallWithCleanAudioCountsAsSeveral() async throws {
        let weight = CallConfiguration.cleanAudioWeight
        try await withServer(maximumCalls: weight + 1) { server, group in
            let loop = group.next()
            let egress = CallConfiguration.Egress(format: .pcmu8000, pacing: ShardRig.pacing)
            for name in ["a", "b"] {
                let result = try await admit(name, egress: egress, to: server, on: loop)
                #expect(result == nil)
            }
            let refused = try await admit("c", bot: "clean", egress: egress, to: server, on: loop)
            #expect(refused == .atCapacity)
            // Where nothing can be heard there is no echo and no cost.
            let silent = try await admit("d", bot: "clean", to: server, on: loop)
            #expect(silent == nil)
            #expect(server.directory.load == 3)
            let calls = try await loop.submit {
                ["a", "d"].compactMap {
                    server.session(for: CallKey(platform: "test", conversation: $0), on: loop)
                }.map { $0.end(.platformEnded) }.count
            }.get()
            #expect(calls == 2 && server.directory.load == 1)
            let taken = try await admit("c", bot: "clean", egress: egress, to: server, on: loop)
            #expect(taken == nil)
            #expect(server.directory.count == 2 && server.directory.load == weight + 1)
            #expect(server.refusal() == .atCapacity)
        }
    }

    @Test func theDirectoryNamesTheLoopThatHoldsACall() async throws {
        try await withServer { server, group in
            let loop = group.next()
            let result8 = try await admit("a", to: server, on: loop)
            #expect(result8 == nil)
            let key = CallKey(platform: "test", conversation: "a")
            #expect(server.directory.eventLoop(for: key) === loop)
            let found = try await loop.submit { server.session(for: key, on: loop)?.info.key }.get()
            #expect(found == key)
            #expect(
                server.directory.eventLoop(for: CallKey(platform: "test", conversation: "z")) == nil
            )
        }
    }

    @Test func aServerThatStopsEndsItsCallsAndAdmitsNoMore() async throws {
        try await withServer { server, group in
            let loop = group.next()
            let result9 = try await admit("a", to: server, on: loop)
            #expect(result9 == nil)
            try await server.stop(deadline: .zero)
            #expect(server.directory.count == 0)
            let result10 = try await admit("b", to: server, on: loop)
            #expect(result10 == .draining)
            let result11 = try await server.statistics().callsEnded
            #expect(result11 == 1)
        }
    }
}
