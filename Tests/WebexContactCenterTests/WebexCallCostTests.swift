// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Logging
import MediaEngine
import MediaServer
import NIOCore
import NIOPosix
import SwiftProtobuf
import Testing
import WebexMessages

@testable import WebexContactCenter

/// What a frame of a caller costs between the transport and the engine.
@Suite(.timeLimit(.minutes(1))) struct WebexCallCostTests {
    private final class Listener: BotConnector {
        func callStarted(_ session: CallSession) { session.listen() }
        func receive(_ audio: borrowing LinearAudio) {}
        func handle(_ event: CallEvent) {}
        func callEnded(_ reason: CallEndReason) {}
    }

    private struct Listeners: BotProvider {
        func makeBot(for call: CallInfo) -> BotSetup? {
            BotSetup(connector: Listener(), rate: .hz16000, delivery: .continuous)
        }
    }

    @Test(arguments: [WebexVoiceInput.VoiceEncoding.mulawFormat, .linear16Format])
    func audioIsHandedOverWithoutAllocation(encoding: WebexVoiceInput.VoiceEncoding) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let media = try await MediaServer.start(
            configuration: MediaServer.Configuration(), bots: Listeners(), group: group,
            logger: logger)
        let loop = group.next()
        let adapter = WebexAdapter(
            server: media,
            configuration: WebexAdapter.Configuration(authenticator: { _, eventLoop in
                eventLoop.makeSucceededFuture(nil)
            }),
            eventLoop: loop, logger: logger)
        let (count, received) = try await loop.submit { () throws -> (UInt64, Int64) in
            let call = WebexCall(
                adapter, conversationID: "c-77", organizationID: "o-1", eventLoop: loop)
            call.conversation.open(WebexScene.id(1), at: call.now)
            call.receive(WebexScene.request(.sessionStart), on: WebexScene.id(1))
            call.conversation.open(WebexScene.id(2), at: call.now)
            var request = WebexScene.audioRequest(encoding: encoding)
            call.receive(request, on: WebexScene.id(2))
            request.audioInput.audioTimestamp.seconds = 1_700_000_000
            request.audioInput.callerAudio.append(
                contentsOf: [UInt8](repeating: 0xFF, count: 160))
            let octets: [UInt8] = try request.serializedBytes()
            let count = allocationsWhenWarm {
                for _ in 0..<100 {
                    call.receive(octets.span, on: WebexScene.id(2))
                    call.pump()
                }
            }
            let received = call.session?.ingressPosition.index ?? 0
            call.session?.end(.serverStopped)
            return (count, received)
        }.get()
        #expect(count == 0)
        #expect(received == (encoding == .mulawFormat ? 32_000 : 16_000))
        adapter.stop()
        try await media.stop(deadline: .zero)
    }
}
