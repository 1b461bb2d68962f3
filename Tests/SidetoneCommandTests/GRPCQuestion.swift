// Sidetone
// SPDX-License-Identifier: Apache-2.0

import GRPCTransport
import NIOCore
import NIOPosix
import Operations
import Testing

/// What an RPC with one request led to.
typealias GRPCAnswer = (messages: [[UInt8]], status: GRPCStatus)

/// Sends what `send` sends and returns what comes back once the RPC has ended.
func ask(
    _ server: SidetoneServer, _ service: String, _ method: String, tls: GRPCClientTLS? = nil,
    _ send: @escaping @Sendable (GRPCClientStream) -> Void
) async throws -> GRPCAnswer {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let port = try #require(server.grpcPort)
    let client = try await GRPCClient.connect(
        .init(host: "localhost", port: port), tls: tls, on: loop
    ).get()
    let handler = GRPCCollector(loop.makePromise())
    let result = handler.result.futureResult
    try await loop.submit {
        let stream = client.open(service: service, method: method, handler: handler)
        send(stream)
        stream.halfClose()
    }.get()
    let outcome = try await result.get()
    try await loop.submit { client.close() }.get()
    return outcome
}

private final class GRPCCollector: GRPCClientHandler, @unchecked Sendable {
    let result: EventLoopPromise<GRPCAnswer>
    private var messages: [[UInt8]] = []

    init(_ result: EventLoopPromise<GRPCAnswer>) {
        self.result = result
    }

    func received(_ message: Span<UInt8>, on stream: GRPCClientStream) {
        messages.append(message.indices.map { message[$0] })
    }

    func ended(_ stream: GRPCClientStream, _ status: GRPCStatus, trailers: GRPCMetadata) {
        result.succeed((messages, status))
    }
}
