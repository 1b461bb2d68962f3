// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import GRPCTransport
import Logging
import Operations
import StrictYAML
import Synchronization
import SyntheticCallers
import Testing
import WebSocketTransport

@testable import LoadTesting

/// A whole run over real sockets on loopback, against the server with its built-in bot. It takes
/// its five seconds.
@Suite struct LoadRunTests {
    @Test func sixCallsOverAllPlatforms() async throws {
        let configuration = try ServerConfiguration(
            ConfigurationSettings(
                text: nil, name: "",
                flags: [
                    .init("--port", "0"), .init(set: "webex.port=0"),
                    .init(set: "server.drain_seconds=0"),
                ]))
        let server = try await SidetoneServer.start(
            configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let result = try await result(on: server)
        try await server.stop()
        let total = result.tally.total
        #expect(total.started == 6 && result.tally.mostLive == 6)
        #expect(total.failed == 0 && total.refused == 0 && result.unended == 0)
        #expect(result.tally.live == 0)
        #expect(total.violationsByRule == [:], "\(result.tally.incidents)")
        #expect(total.byCaller + total.vanished == 6)
        #expect(result.tally.platforms.mapValues(\.started) == [.webex: 2, .cxone: 2, .genesys: 2])
        #expect(result.tally.platforms.values.allSatisfy { $0.framesSent > 10 })
        #expect(result.tally.generatorLate.count > 500)
        #expect(result.samples.count >= 6)
        #expect(result.usage.generatorInAll > 0)
        #expect(ReportPage(result).html.contains("Genesys"))
    }

    private func result(on server: SidetoneServer) async throws -> LoadResult {
        var targets = LoadTargets()
        let webSocket = "ws://127.0.0.1:\(server.port)"
        let port = try #require(server.grpcPort)
        targets.webex = WebexEndpoint(try GRPCURL("grpc://127.0.0.1:\(port)"))
        targets.cxone = try WebSocketURL(webSocket + "/cxone")
        targets.genesys = try WebSocketURL(webSocket + "/genesys/connector")
        let plan = LoadPlan(
            mix: try Shares(parsing: "webex,cxone,genesys", of: "platform"), calls: 6,
            behaviours: try Shares(
                parsing: "talker=2,interrupter,digits,hold,slow-reader", of: "kind"),
            ramp: .milliseconds(500), hold: .seconds(5), seed: 11)
        let speech = SpeechLibrary(
            [try Sample.clip("one"), try Sample.clip("other")],
            noise: ComfortNoise(level: -65, seed: 1))
        var options = LoadRun.Options()
        options.lateLimit = .init(p99: 1000, maximum: 5000)
        let seen = Mutex(0)
        let run = LoadRun(plan, targets: targets, speech: speech, options: options)
        let result = try await run.run { _, _ in seen.withLock { $0 += 1 } }
        #expect(seen.withLock { $0 } == result.samples.count)
        return result
    }
}
