// Sidetone
// SPDX-License-Identifier: Apache-2.0

import GRPCTransport
import NIOCore
import SwiftProtobuf
import WebexMessages

@testable import WebexContactCenter

/// One RPC of media forking as a test opens it.
final class WebexForkPeer: Sendable {
    enum Note: Equatable, Sendable {
        case response(String, WebexErrorCode)
        case ended(GRPCStatusCode)
    }

    private final class Recorder: GRPCClientHandler {
        private let notes: AsyncStream<Note>.Continuation

        init(_ notes: AsyncStream<Note>.Continuation) { self.notes = notes }

        func received(_ message: Span<UInt8>, on stream: GRPCClientStream) {
            guard let response = try? WebexConversationAudioForkingResponse(decoding: message)
            else { return }
            notes.yield(.response(response.statusMessage, response.errorCode))
        }

        func ended(_ stream: GRPCClientStream, _ status: GRPCStatus, trailers: GRPCMetadata) {
            notes.yield(.ended(status.code))
            notes.finish()
        }
    }

    private let client: GRPCClient
    private let stream: GRPCClientStream
    private let notes: AsyncStream<Note>

    private init(client: GRPCClient, stream: GRPCClientStream, notes: AsyncStream<Note>) {
        self.client = client
        self.stream = stream
        self.notes = notes
    }

    /// Opens an RPC on a connection of its own.
    static func open(
        port: Int, authorization: String? = nil, on eventLoop: any EventLoop
    ) async throws -> WebexForkPeer {
        let target = GRPCClient.Target(host: "127.0.0.1", port: port)
        let client = try await GRPCClient.connect(target, on: eventLoop).get()
        let (notes, continuation) = AsyncStream<Note>.makeStream()
        let stream = try await eventLoop.submit {
            var metadata: GRPCMetadata = [:]
            if let authorization { metadata.add("authorization", authorization) }
            return client.open(
                service: WebexForkingAdapter.service, method: WebexForkingAdapter.method,
                metadata: metadata, handler: Recorder(continuation))
        }.get()
        return WebexForkPeer(client: client, stream: stream, notes: notes)
    }

    func send(_ message: [UInt8]) {
        stream.eventLoop.execute { self.stream.send(message) }
    }

    func halfClose() {
        stream.eventLoop.execute { self.stream.halfClose() }
    }

    func cancel() {
        stream.eventLoop.execute { self.stream.cancel() }
    }

    /// Breaks the connection.
    func disconnect() async throws {
        stream.eventLoop.execute { self.client.close() }
        try await client.closeFuture.get()
    }

    /// Everything the server said until the RPC ended. Closes the connection.
    func outcome() async -> [Note] {
        var all: [Note] = []
        for await note in notes { all.append(note) }
        stream.eventLoop.execute { self.client.close() }
        return all
    }
}
