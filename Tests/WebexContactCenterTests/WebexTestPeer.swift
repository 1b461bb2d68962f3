// Sidetone
// SPDX-License-Identifier: Apache-2.0

import GRPCTransport
import NIOCore
import SwiftProtobuf
import WebexMessages

@testable import WebexContactCenter

/// One RPC as the client sees it: what arrives is read in order.
final class WebexTestPeer: GRPCClientHandler, @unchecked Sendable {
    enum Note: Sendable, Hashable {
        case response(WebexVoiceVAResponse)
        case ended(GRPCStatus)
    }

    private let sink: AsyncStream<Note>.Continuation
    private var notes: AsyncStream<Note>.Iterator
    private var stream: GRPCClientStream?

    private init() {
        let (stream, sink) = AsyncStream.makeStream(of: Note.self)
        self.sink = sink
        notes = stream.makeAsyncIterator()
    }

    /// Opens an RPC of the virtual agent.
    static func open(
        on client: GRPCClient, metadata: GRPCMetadata = [:]
    ) async throws -> WebexTestPeer {
        let peer = WebexTestPeer()
        try await client.eventLoop.submit {
            peer.stream = client.open(
                service: WebexAdapter.service, method: "ProcessCallerInput", metadata: metadata,
                handler: peer)
        }.get()
        return peer
    }

    func send(_ requests: WebexVoiceVARequest..., halfCloses: Bool = false) async throws {
        guard let stream else { return }
        try await stream.eventLoop.submit {
            for request in requests { stream.send(request) }
            if halfCloses { stream.halfClose() }
        }.get()
    }

    func send(octets: [UInt8]) async throws {
        guard let stream else { return }
        try await stream.eventLoop.submit { stream.send(octets) }.get()
    }

    func cancel() async throws {
        guard let stream else { return }
        try await stream.eventLoop.submit { stream.cancel() }.get()
    }

    func received(_ message: Span<UInt8>, on stream: GRPCClientStream) {
        guard let response = try? WebexVoiceVAResponse(decoding: message) else { return }
        sink.yield(.response(response))
    }

    func ended(_ stream: GRPCClientStream, _ status: GRPCStatus, trailers: GRPCMetadata) {
        sink.yield(.ended(status))
        sink.finish()
    }

    func next() async -> Note? { await notes.next() }

    /// All responses, as lines, and the status at the end.
    func rest() async -> [String] {
        var lines: [String] = []
        while let note = await next() {
            switch note {
            case .response(let response):
                lines.append(WebexScene.line(.respond(WebexRPCID(number: 0), response)))
            case .ended(let status): lines.append("\(status.code)")
            }
        }
        return lines
    }
}

/// A unary call's one answer.
final class WebexUnaryPeer<Response: Message>: GRPCClientHandler {
    private let promise: EventLoopPromise<Response>
    private var response: Response?

    private init(_ promise: EventLoopPromise<Response>) {
        self.promise = promise
    }

    static func call(
        _ request: some Message, service: String, method: String, on client: GRPCClient
    ) -> EventLoopFuture<Response> {
        client.eventLoop.flatSubmit {
            let promise = client.eventLoop.makePromise(of: Response.self)
            let stream = client.open(
                service: service, method: method, handler: WebexUnaryPeer(promise))
            stream.send(request)
            stream.halfClose()
            return promise.futureResult
        }
    }

    func received(_ message: Span<UInt8>, on stream: GRPCClientStream) {
        response = try? Response(decoding: message)
    }

    func ended(_ stream: GRPCClientStream, _ status: GRPCStatus, trailers: GRPCMetadata) {
        if status.code == .ok, let response {
            promise.succeed(response)
        } else {
            promise.fail(status)
        }
    }
}
