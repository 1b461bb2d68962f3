// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import GRPCTransport
import NIOCore
import NIOPosix
import SwiftProtobuf
import Testing
import WebexMessages

/// The platform's side of one conversation, hand-driven: every response of an RPC is read in order.
final class WebexClient: Sendable {
    /// What one RPC gave.
    final class RPC: GRPCClientHandler, @unchecked Sendable {
        enum Outcome: Sendable {
            case response(WebexVoiceVAResponse)
            case ended(GRPCStatus)
        }

        private let outcomes: AsyncStream<Outcome>
        private let sink: AsyncStream<Outcome>.Continuation
        private(set) var stream: GRPCClientStream?

        init() {
            (outcomes, sink) = AsyncStream.makeStream(of: Outcome.self)
        }

        func open(on connection: GRPCClient) {
            stream = connection.open(
                service: "com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent",
                method: "ProcessCallerInput", handler: self)
        }

        func received(_ message: Span<UInt8>, on stream: GRPCClientStream) {
            guard let response = try? WebexVoiceVAResponse(decoding: message) else {
                return sink.finish()
            }
            sink.yield(.response(response))
        }

        func ended(_ stream: GRPCClientStream, _ status: GRPCStatus, trailers: GRPCMetadata) {
            sink.yield(.ended(status))
            sink.finish()
        }

        /// The next response; nil when the RPC was completed, which must be with OK.
        func response() async throws -> WebexVoiceVAResponse? {
            var iterator = outcomes.makeAsyncIterator()
            let outcome = await iterator.next()
            switch try #require(outcome) {
            case .response(let response): return response
            case .ended(let status):
                #expect(status == .ok)
                return nil
            }
        }

        /// The responses up to the completion.
        func rest() async throws -> [WebexVoiceVAResponse] {
            var responses: [WebexVoiceVAResponse] = []
            while let response = try await response() { responses.append(response) }
            return responses
        }

        func send(_ fill: @escaping @Sendable (inout WebexVoiceVARequest) -> Void) async throws {
            let request = WebexVoiceVARequest.with {
                $0.conversationID = "c-77"
                $0.customerOrgID = "o-1"
                fill(&$0)
            }
            try await onLoop { $0.send(request) }
        }

        func halfClose() async throws {
            try await onLoop { $0.halfClose() }
        }

        private func onLoop(
            _ body: @escaping @Sendable (GRPCClientStream) -> Void
        ) async throws {
            let stream = try #require(stream)
            try await stream.eventLoop.submit { body(stream) }.get()
        }

        /// Sends a clip in 20 ms frames in real time.
        func speak(_ clip: AudioClip) async throws {
            var encoded = [UInt8](repeating: 0, count: clip.samples.count)
            do {
                var room = encoded.mutableSpan
                _ = AudioCodec.encode(
                    LinearAudio(clip.samples.span, rate: clip.rate), as: .pcmu, into: &room)
            }
            var start = 0
            var deadline = ContinuousClock.now
            while start < encoded.count {
                let frame = Data(encoded[start..<min(start + 160, encoded.count)])
                try await send { $0.audioInput.callerAudio = frame }
                start += 160
                deadline += .milliseconds(20)
                try await Task.sleep(until: deadline, clock: .continuous)
            }
        }

        func stayQuiet(_ milliseconds: Int) async throws {
            try await speak(
                AudioClip(rate: .hz8000, samples: Array(repeating: 0, count: milliseconds * 8)))
        }
    }

    private let connection: GRPCClient

    init(port: Int, group: any EventLoopGroup) async throws {
        connection = try await GRPCClient.connect(
            GRPCClient.Target(host: "127.0.0.1", port: port), on: group.next()
        ).get()
    }

    func open() async throws -> RPC {
        let rpc = RPC()
        let connection = connection
        try await connection.eventLoop.submit { rpc.open(on: connection) }.get()
        return rpc
    }

    func close() async throws {
        let connection = connection
        try await connection.eventLoop.submit { connection.close() }.get()
    }
}
