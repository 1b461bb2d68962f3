// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import MediaServer
import NIOCore
import NIOPosix
import Operations
import SyntheticCallers
import Testing
import WebSocketTransport

/// Peers that break every rule, one after the other and many at once, beside callers that do not.
///
/// `SIDETONE_CYCLES` sets how many connections are opened and closed; 10000 under the address
/// sanitizer is the long form.
@Suite struct HostilePeersTests {
    private static let cycles =
        ProcessInfo.processInfo.environment["SIDETONE_CYCLES"].flatMap(Int.init) ?? 400

    /// What a hostile peer does once it is connected.
    private enum Attack: CaseIterable {
        case nothing
        case randomBytes
        case halfARequest
        case hugeHeader
        case upgradeAndVanish
        case garbageText
        case binaryFirst
        case unmasked
        case unknownPath
    }

    private static func upgrade(_ path: String) -> String {
        """
        GET \(path) HTTP/1.1\r
        Host: localhost\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Audiohook-Organization-Id: d7934305-0972-4844-938e-9060eef73d05\r
        Audiohook-Session-Id: 30b0e395-84d3-4570-ac13-9a62d8f514c0\r
        Audiohook-Correlation-Id: e160e428-53e2-487c-977d-96989bf5c99d\r
        X-API-KEY: SGVsbG8\r
        \r

        """
    }

    private func bytes(of attack: Attack, seed: Int) -> ByteBuffer {
        let path = seed % 2 == 0 ? "/genesys/connector" : "/cxone"
        var buffer = ByteBuffer()
        switch attack {
        case .nothing: break
        case .randomBytes:
            var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
            for _ in 0..<300 {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                buffer.writeInteger(UInt8(truncatingIfNeeded: state))
            }
        case .halfARequest: buffer.writeString("GET \(path) HTTP/1.1\r\nHost: x\r\nUpgr")
        case .hugeHeader:
            buffer.writeString(
                "GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 40_000) + "\r\n\r\n")
        case .upgradeAndVanish: buffer.writeString(Self.upgrade(path))
        case .garbageText:
            buffer.writeString(Self.upgrade(path))
            buffer.writeBytes([0x81, 0x84, 0, 0, 0, 0] + Array("{[[[".utf8))
        case .binaryFirst:
            buffer.writeString(Self.upgrade(path))
            buffer.writeBytes([0x82, 0x84, 1, 2, 3, 4, 5, 6, 7, 8])
        case .unmasked:
            buffer.writeString(Self.upgrade(path))
            buffer.writeBytes([0x81, 0x02] + Array("{}".utf8))
        case .unknownPath: buffer.writeString(Self.upgrade("/nobody"))
        }
        return buffer
    }

    /// Connects, attacks, reads what comes for a moment, and is gone.
    private func attack(_ index: Int, port: Int, group: any EventLoopGroup) async throws {
        let channel = try await ClientBootstrap(group: group)
            .connect(host: "127.0.0.1", port: port).get()
        let kinds = Attack.allCases
        let message = bytes(of: kinds[index % kinds.count], seed: index)
        if message.readableBytes > 0 {
            try? await channel.writeAndFlush(message)
        }
        let wait = channel.eventLoop.scheduleTask(in: .milliseconds(Int64(index % 7))) {}
        try? await wait.futureResult.get()
        try? await channel.close()
    }

    private func run(_ count: Int, port: Int, group: any EventLoopGroup) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for index in 0..<count {
                if index >= 32 { try await tasks.next() }
                tasks.addTask { try await attack(index, port: port, group: group) }
            }
            try await tasks.waitForAll()
        }
    }

    @Test func aGoodCallIsCarriedWhileOthersBreakEveryRule() async throws {
        try await withServer { server in
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            try await run(200, port: server.port, group: group)
            try await settle(server, group)
            let before = try residentBytes()
            let caller = CallerScript(steps: [
                .init(.at(.milliseconds(300)), .speak(try Voice.caller("conf-onlyperson"))),
                .init(.after(.milliseconds(800)), .hangUp),
            ])
            async let good = place(
                .genesys(GenesysCallOptions(seed: 9)), path: "/genesys/connector", on: server,
                script: caller)
            try await run(Self.cycles, port: server.port, group: group)
            let result = try await good
            #expect(result.report.violations.isEmpty, "\(result.report.violations)")
            #expect(result.report.ending.kind == .byCaller)
            #expect(result.report.underruns.isEmpty)

            try await settle(server, group)
            let counters = server.transportCounters
            #expect(counters.openConnections == 0)
            #expect(counters.malformedRequests > 0)
            #expect(counters.refused > 0)
            #expect(!counters.violations.isEmpty)
            let statistics = try await server.statistics()
            #expect(statistics.callsStarted == statistics.callsEnded)
            let growth = try residentBytes() - before
            let limit = Self.cycles > 1000 ? 64 : 32
            #expect(growth < limit * 1024 * 1024, "grew by \(growth / 1024) KiB")
            print("hostile peers: \(Self.cycles) connections, memory \(growth / 1024) KiB")
            try await group.shutdownGracefully()
        }
    }

    /// Waits until the server has noticed that everybody is gone.
    private func settle(_ server: SidetoneServer, _ group: any EventLoopGroup) async throws {
        for _ in 0..<1000 where server.transportCounters.openConnections > 0 {
            try await group.next().scheduleTask(in: .milliseconds(10)) {}.futureResult.get()
        }
    }

    private func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = try #require(Int(text.split(separator: " ")[1]))
        return pages * 4096
    }
}
