// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import WebSocketTransport

@Suite struct ClientHandshakeHandlerTests {
    /// The answer, with the accept value, to a request as it came over the wire.
    private func answer(to request: String, on channel: EmbeddedChannel) throws -> String {
        let key = try #require(
            request.split(separator: "\r\n").first { $0.hasPrefix("Sec-WebSocket-Key: ") })
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: "/",
            headers: [
                "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": String(key.dropFirst(19)),
            ])
        let headers = try UpgradeHandshake.responseHeaders(to: head, adding: [:], on: channel)
            .wait()
        let lines = headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        return "HTTP/1.1 101 Switching Protocols\r\n\(lines)\r\n"
    }

    @Test func framesInTheSamePacketAsTheAnswerFollowConnected() async throws {
        let journal = Journal()
        try openWithEarlyFrames(journal)
        #expect(await journal.next(3) == [.connected, .text("a"), .text("b")])
    }

    private func openWithEarlyFrames(_ journal: Journal) throws {
        let channel = EmbeddedChannel()
        let promise = channel.eventLoop.makePromise(of: WebSocketConnection.self)
        let opening = ClientHandshakeHandler.Opening(
            url: try WebSocketURL("ws://[::1]:81/x?y"), headers: ["X-Token": "t"],
            limits: WebSocketLimits(),
            makeHandler: { RecordingHandler(journal) { $0.send(text: "hi") } }, promise: promise)
        try ClientHandshakeHandler.install(opening, in: channel.pipeline.syncOperations)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let request = String(
            buffer: try #require(try channel.readOutbound(as: ByteBuffer.self)))
        #expect(request.hasPrefix("GET /x?y HTTP/1.1\r\n"))
        #expect(request.contains("\r\nHost: [::1]:81\r\n"))
        #expect(request.contains("\r\nX-Token: t\r\n"))

        let early: [UInt8] = [0x81, 1, 0x61, 0x81, 1]
        try channel.writeInbound(
            ByteBuffer(bytes: Array(answer(to: request, on: channel).utf8) + early))
        // The rest of the second frame comes while the HTTP handlers are still leaving.
        try channel.writeInbound(ByteBuffer(bytes: [0x62]))
        channel.embeddedEventLoop.run()
        #expect(try promise.futureResult.wait().isOpen)
        let sent = try #require(try channel.readOutbound(as: ByteBuffer.self))
        #expect(sent.readableBytes == 2 + 4 + 2)
        _ = try channel.finish()
    }
}
