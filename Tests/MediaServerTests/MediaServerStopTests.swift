// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Logging
import MediaEngine
import MediaServer
import NIOCore
import NIOPosix
import Testing

/// How a server stops while a call is live that nobody ends.
@Suite struct MediaServerStopTests {
    private struct Provider: BotProvider {
        func makeBot(for call: CallInfo) -> BotSetup? {
            BotSetup(connector: RecordingBot(), rate: .hz8000)
        }
    }

    /// Runs `body` beside a stop that would wait a minute for the one live call.
    /// - Returns: how long the stop took, how calls ended, and how many it says were cut.
    private func stop(
        within deadline: MediaDuration = .seconds(60),
        beside body: @escaping @Sendable (MediaServer, CallSession) -> Void
    ) async throws -> (duration: Duration, endings: [CallEndReason: Int], cut: Int) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let server = try await MediaServer.start(
            configuration: .init(), bots: Provider(), group: group,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let key = CallKey(platform: "test", conversation: "a")
        try await loop.submit {
            let platform = RecordingPlatform()
            platform.endsAtOnce = try server.admit(
                CallInfo(key: key), ingress: .pcmu8000, egress: nil, platform: platform, on: loop)
        }.get()
        loop.scheduleTask(in: .milliseconds(100)) {
            guard let session = server.session(for: key, on: loop) else { return }
            #expect(server.refusal() == .draining)
            body(server, session)
        }
        var cut = 0
        let duration = try await ContinuousClock().measure {
            cut = try await server.stop(deadline: deadline)
        }
        let endings = try await server.statistics().endings
        try await group.shutdownGracefully()
        return (duration, endings, cut)
    }

    @Test func aStopWaitsForLiveCalls() async throws {
        let (duration, endings, cut) = try await stop { _, session in session.end(.platformEnded) }
        #expect(duration >= .milliseconds(80) && duration < .seconds(30))
        #expect(endings == [.platformEnded: 1])
        #expect(cut == 0)
    }

    @Test func hurryEndsTheWaitAndTheCallPolitely() async throws {
        let (duration, endings, cut) = try await stop { server, _ in server.hurry() }
        #expect(duration < .seconds(30))
        #expect(endings == [.botEnded: 1])
        #expect(cut == 1)
    }

    @Test func theDeadlineCutsWhoIsStillThereAndSaysHowMany() async throws {
        let (duration, endings, cut) = try await stop(within: .milliseconds(300)) { _, _ in }
        #expect(duration >= .milliseconds(300) && duration < .seconds(30))
        #expect(endings == [.botEnded: 1])
        #expect(cut == 1)
    }

    @Test func aCallThatLosesItsConnectionMeanwhileIsNotWaitedFor() async throws {
        let (duration, endings, cut) = try await stop { _, session in session.detach() }
        #expect(duration < .seconds(30))
        #expect(endings == [.connectionLost: 1])
        #expect(cut == 0)
    }
}
