// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Sidetone
import SyntheticCallers
import Testing
import WebSocketTransport

@testable import example_bridge

/// The example as an application runs it: its own event loops, its own service group.
@Suite struct BridgeTests {
    private static let settings = [
        "server.port=0", "webex.port=0", "server.drain_seconds=60",
    ]

    private static var logger: Logger {
        Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    }

    private func speech() throws -> CallerClip {
        let folder =
            ProcessInfo.processInfo.environment["SIDETONE_VOICES"]
            ?? "/usr/share/asterisk/sounds/en_US_f_Allison"
        let data = try #require(
            FileManager.default.contents(atPath: "\(folder)/conf-onlyperson.wav"),
            "run scripts/install-dependencies")
        return try CallerClip(
            name: "conf-onlyperson", audio: WAVFile.parse([UInt8](data)).clip(channel: 0))
    }

    /// Until a call is up: it is told so in the same round.
    private func waitForACall(on server: SidetoneServer) async throws {
        while try await server.statistics().liveCalls == 0 { await Task.yield() }
    }

    @Test func aCallIsAnsweredAndAShutdownWaitsForItAndLeavesTheLoopsRunning() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let callers = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await startBridge(Self.settings, on: group, logger: Self.logger)
        let services = ServiceGroup(services: [server], logger: Self.logger)
        async let running: Void = services.run()
        let script = CallerScript(steps: [
            .init(.at(.milliseconds(300)), .speak(try speech())),
            .init(.afterBot(quiet: .milliseconds(400)), .hangUp),
        ])
        let url = try WebSocketURL("ws://127.0.0.1:\(server.port)/genesys/connector")
        async let placed = CallGenerator(group: callers).run(
            SyntheticCall(.genesys(GenesysCallOptions(seed: 1)), to: url, script: script))
        // While the call is live: it goes on, and the shutdown waits for its end.
        try await waitForACall(on: server)
        await services.triggerGracefulShutdown()
        let report = await placed.report
        try await running
        #expect(report.violations.isEmpty, "\(report.violations)")
        #expect(report.turns.count == 1)
        #expect(report.turns.first?.arrivalLatency != nil)
        #expect(report.ending.kind == .byCaller)
        // The application's loops are its own still.
        #expect(try await group.next().submit { 7 }.get() == 7)
        try await group.shutdownGracefully()
        try await callers.shutdownGracefully()
    }

    @Test func cancellationWaitsForNobody() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await startBridge(
            ["server.port=0", "webex.port=0", "server.drain_seconds=600"], on: group,
            logger: Self.logger)
        let script = CallerScript(steps: [.init(.at(.milliseconds(60_000)), .hangUp)])
        let url = try WebSocketURL("ws://127.0.0.1:\(server.port)/genesys/connector")
        async let placed = CallGenerator(group: group).run(
            SyntheticCall(.genesys(GenesysCallOptions(seed: 1)), to: url, script: script))
        try await waitForACall(on: server)
        let running = Task { try await server.run() }
        running.cancel()
        try await running.value
        let report = await placed.report
        #expect("\(report.ending)".contains("server stopping"), "\(report.ending)")
        // It may be cut before it has said its own farewell, and was told so.
        #expect(report.violations.allSatisfy { $0.rule == .closedByServer }, "\(report.violations)")
        try await group.shutdownGracefully()
    }

    @Test func aWrongSettingIsToldBeforeAnythingListens() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        await #expect {
            _ = try await startBridge(["server.prot=0"], on: group, logger: Self.logger)
        } throws: {
            "\($0)".contains("server.prot")
        }
    }
}
