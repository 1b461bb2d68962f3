// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import GRPCTransport
import MediaEngine
import MediaServer
import NIOCore
import NIOPosix
import SwiftProtobuf
import Synchronization
import Testing
import WebexMessages

@testable import Operations

/// Event loops that are really late, behind real sockets: each platform is told in its own way, and
/// whoever asks for health hears why.
@Suite struct OverloadTests {
    private final class SilentBot: BotConnector {
        func callStarted(_ session: CallSession) { session.listen() }
        func receive(_ audio: borrowing LinearAudio) {}
        func handle(_ event: CallEvent) {}
        func callEnded(_ reason: CallEndReason) {}
    }

    /// A caller of whom nothing is heard, to have somebody whom an overload would harm.
    private final class SilentPlatform: PlatformConnection {
        let confirmsPlayback = false
        var session: CallSession?

        func send(_ audio: borrowing EncodedAudio, packet: OutboundPacket) {}
        func clear(generation: Generation) {}
        func handle(_ event: CallEvent) {}
        func report(_ outcome: TurnOutcome) {}
        func flushWrites() {}

        func endCall(_ ending: CallEnding) {
            session?.end(.botEnded)
            session = nil
        }
    }

    /// Counts the bots that are made.
    private final class Provider: BotProvider {
        let made = Atomic<Int>(0)

        func makeBot(for call: CallInfo) -> BotSetup? {
            made.add(1, ordering: .relaxed)
            return BotSetup(connector: SilentBot(), rate: .hz8000)
        }
    }

    private static let upgrade = """
        Host: localhost\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        \r

        """

    /// Holds every loop of the server for 80 ms at a time, with a moment between, until `body` ends:
    /// of the ticks in such a stall nearly all are late, far from the third that decides.
    private func withLateLoops(
        _ server: SidetoneServer, _ body: () async throws -> Void
    ) async throws {
        let tasks = server.group.makeIterator().map { loop in
            loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(2)) { _ in
                Thread.sleep(forTimeInterval: 0.08)
            }
        }
        defer { for task in tasks { task.cancel() } }
        try await body()
    }

    /// A live call on every loop of the server.
    /// - Returns: how many.
    private func placeCalls(on server: SidetoneServer) async throws -> Int {
        let media = server.media
        var count = 0
        for loop in server.group.makeIterator() {
            let key = CallKey(platform: "test", conversation: "\(count)")
            try await loop.submit {
                let platform = SilentPlatform()
                platform.session = try media.admit(
                    CallInfo(key: key), ingress: .pcmu8000, egress: nil, platform: platform,
                    on: loop)
            }.get()
            count += 1
        }
        return count
    }

    /// Until every loop refuses: one alone makes the server unready, but a connection may be
    /// another's.
    private func waitForOverload(of server: SidetoneServer) async throws {
        let end = ContinuousClock.now + .seconds(20)
        for loop in server.group.makeIterator() {
            while server.media.refusal(on: loop) != .overloaded, ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(server.media.refusal(on: loop) == .overloaded)
        }
    }

    /// What the first request of a Webex conversation leads to.
    private func webexStatus(_ server: SidetoneServer) async throws -> GRPCStatus {
        try await ask(
            server, "com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent", "ProcessCallerInput"
        ) { stream in
            stream.send(
                WebexVoiceVARequest.with {
                    $0.conversationID = "c-1"
                    $0.customerOrgID = "o"
                    $0.eventInput.eventType = .sessionStart
                })
        }.status
    }

    /// 1 is SERVING, 2 NOT_SERVING.
    private func health(_ server: SidetoneServer) async throws -> UInt8? {
        try await ask(server, "grpc.health.v1.Health", "Check") {
            $0.send([UInt8]())
        }.messages.first?.last
    }

    @Test func eachPlatformIsToldInItsWayAndNobodyGetsABot() async throws {
        let bots = Provider()
        let port = try await unusedPort()
        try await withServer(bots: bots, settings: ["operations.port=\(port)"]) { server in
            let operations = try #require(server.operationsPort)
            #expect(try await get("/health/ready", port: operations).hasSuffix("ready\n"))
            let live = try await placeCalls(on: server)
            try await withLateLoops(server) {
                try await waitForOverload(of: server)
                for path in ["/genesys/connector", "/cxone"] {
                    let answer = try await rawHTTP(
                        "GET \(path) HTTP/1.1\r\n" + Self.upgrade, port: server.port)
                    #expect(answer.hasPrefix("HTTP/1.1 503 "), "\(answer)")
                    #expect(answer.contains("Retry-After: 2\r\n"))
                    #expect(answer.hasSuffix("server is overloaded\n"))
                }
                let status = try await webexStatus(server)
                #expect(status.code == .resourceExhausted, "\(status)")
                // Told once a second, by a loop that is late itself.
                let end = ContinuousClock.now + .seconds(20)
                var state = try await health(server)
                while state != 2, ContinuousClock.now < end {
                    try await Task.sleep(for: .milliseconds(100))
                    state = try await health(server)
                }
                #expect(state == 2)
                let ready = try await get("/health/ready", port: operations)
                #expect(ready.hasPrefix("HTTP/1.1 503 ") && ready.hasSuffix("overloaded\n"))
                let alive = try await get("/health/live", port: operations)
                #expect(alive.hasPrefix("HTTP/1.1 200 "))
            }
            #expect(bots.made.load(ordering: .relaxed) == live)
            #expect(server.media.refusedCalls == [.overloaded: 3])
            #expect(try await server.statistics().overloads > 0)
        }
    }

    private func unusedPort() async throws -> Int {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        try await listener.close().get()
        return port
    }
}
