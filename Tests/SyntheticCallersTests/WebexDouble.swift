// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRPCTransport
import NIOCore
import NIOPosix
import SwiftProtobuf
import Synchronization
import SyntheticCallers
import WebexMessages

/// What the double saw, over all calls.
final class WebexSeen: Sendable {
    struct Call {
        /// In the order of the calls' RPCs: what each began with.
        var rpcs: [String] = []
        var audio: [UInt8] = []
        var hasEnded = false
    }

    let calls = Mutex<[String: Call]>([:])
    let metadata = Mutex<[GRPCMetadata]>([])
}

/// A voice bot in a hundred lines, one RPC of it: greets with barge-in, finds speech by its
/// loudness, answers in CHUNK mode and transfers with its last FINAL.
final class WebexDouble: GRPCServerHandler {
    private let seen: WebexSeen
    private var conversation = ""
    private var hasBegun = false
    private var speech = 0
    private var isInSpeech = false
    private var isOver = false

    init(_ seen: WebexSeen) {
        self.seen = seen
    }

    func received(_ message: Span<UInt8>, on stream: GRPCServerStream) {
        guard let request = try? WebexVoiceVARequest(decoding: message) else { return }
        conversation = request.conversationID
        if !hasBegun {
            hasBegun = true
            let event = "\(request.eventInput.eventType)"
            let kind = request.audioInput.encoding == .mulawFormat ? "audio" : event
            seen.calls.withLock { $0[conversation, default: .init()].rpcs.append(kind) }
        }
        switch request.voiceVaInputType {
        case .eventInput(let event): take(event, on: stream)
        case .audioInput(let audio): take(audio.callerAudio, on: stream)
        case .dtmfInput, nil: break
        }
    }

    private func take(_ event: WebexEventInput, on stream: GRPCServerStream) {
        switch event.eventType {
        case .sessionStart: say(on: stream, closing: .empty)
        case .sessionEnd:
            seen.calls.withLock { $0[conversation]?.hasEnded = true }
            stream.finish()
        default: break
        }
    }

    private func take(_ audio: Data, on stream: GRPCServerStream) {
        // Packets that short are no speech.
        guard audio.count > 15, !isOver else { return }
        seen.calls.withLock { $0[conversation]?.audio.append(contentsOf: audio) }
        let loud = audio.count { MuLaw.magnitude($0) > 40 }
        speech += loud
        if speech > 200, !isInSpeech {
            isInSpeech = true
            stream.send(WebexVoiceVAResponse.event(.startOfInput))
        }
        guard isInSpeech, loud == 0 else { return }
        var end = WebexVoiceVAResponse.event(.endOfInput)
        end.responseType = .chunk
        stream.send(end)
        var last = WebexVoiceVAResponse.event(.transferToAgent)
        last.sessionSummary.text = "spoke"
        say(on: stream, closing: last)
    }

    private func say(on stream: GRPCServerStream, closing: WebexVoiceVAResponse) {
        isOver = true
        stream.send(WebexVoiceVAResponse.chunk(2400, bargeIn: true))
        stream.send(closing)
        stream.finish()
    }

    func halfClosed(_ stream: GRPCServerStream) {
        if !isOver { stream.finish() }
    }

    func ended(_ stream: GRPCServerStream, _ end: GRPCStreamEnd) {}
}

/// A server with the double on an unused port, for the length of `body`.
func withWebexDouble(
    _ seen: WebexSeen, refusal: GRPCStatus? = nil,
    _ body: (GRPCURL, GRPCServer) async throws -> Void
) async throws {
    var router = GRPCRouter()
    router.add(
        service: "com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent", method: "ProcessCallerInput"
    ) { head, loop in
        seen.metadata.withLock { $0.append(head.metadata) }
        if let refusal { return loop.makeSucceededFuture(.refuse(refusal)) }
        return loop.makeSucceededFuture(.accept { WebexDouble(seen) })
    }
    let server = try await GRPCServer.start(
        router: router, group: MultiThreadedEventLoopGroup.singleton)
    try await body(try GRPCURL("grpc://127.0.0.1:\(server.port)"), server)
    await server.shutdown(within: .seconds(2))
}
