// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// A TCP client that says exactly the bytes a test gives it, and nothing by itself.
struct RawPeer: Sendable {
    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        let continuation: AsyncStream<ByteBuffer>.Continuation

        init(_ continuation: AsyncStream<ByteBuffer>.Continuation) {
            self.continuation = continuation
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            continuation.yield(Self.unwrapInboundIn(data))
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event as? ChannelEvent == .inputClosed { continuation.finish() }
        }

        func channelInactive(context: ChannelHandlerContext) {
            continuation.finish()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    static let upgradeRequest = """
        GET /path?a=b HTTP/1.1\r
        Host: localhost\r
        Upgrade: websocket\r
        Connection: keep-alive, Upgrade\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        \r

        """

    let channel: any Channel
    private let stream: AsyncStream<ByteBuffer>

    /// - Parameters:
    ///   - reads: False for a peer that never reads.
    ///   - keepsSending: True for a peer that does not end its side when the server ends its own.
    static func connect(
        to port: Int, reads: Bool = true, keepsSending: Bool = false
    ) async throws -> RawPeer {
        let (stream, continuation) = AsyncStream<ByteBuffer>.makeStream()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: reads)
            .channelOption(.allowRemoteHalfClosure, value: keepsSending)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Reader(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawPeer(channel: channel, stream: stream)
    }

    /// Connects, upgrades and reads the whole answer.
    static func upgraded(to port: Int) async throws -> RawPeer {
        let peer = try await connect(to: port)
        peer.send(upgradeRequest)
        _ = await peer.read(through: "\r\n\r\n")
        return peer
    }

    func send(_ text: String) {
        channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    func send(_ bytes: [UInt8]) {
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// What arrives until it ends with that text, or the server ends the connection.
    func read(through end: String) async -> String {
        var all = ByteBuffer()
        for await part in stream {
            all.writeImmutableBuffer(part)
            if String(buffer: all).hasSuffix(end) { break }
        }
        return String(buffer: all)
    }

    /// As many bytes as asked for, or fewer when the server ends the connection.
    func read(_ count: Int) async -> [UInt8] {
        var all: [UInt8] = []
        guard count > 0 else { return all }
        for await part in stream {
            all += part.readableBytesView
            if all.count >= count { break }
        }
        return all
    }

    /// Everything until the server ends the connection.
    func readToEnd() async -> [UInt8] {
        var all: [UInt8] = []
        for await part in stream { all += part.readableBytesView }
        return all
    }

    func close() async {
        try? await channel.close().get()
    }
}

/// A frame of a client, masked with a fixed key unless the test wants it wrong.
func clientFrame(_ first: UInt8, _ payload: [UInt8] = [], isMasked: Bool = true) -> [UInt8] {
    let key: [UInt8] = [0x12, 0x34, 0x56, 0x78]
    let maskBit: UInt8 = isMasked ? 0x80 : 0
    var frame = [first]
    switch payload.count {
    case 0...125:
        frame.append(maskBit | UInt8(payload.count))
    case 126...0xFFFF:
        frame += [maskBit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    default:
        frame.append(maskBit | 127)
        frame += (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
    }
    guard isMasked else { return frame + payload }
    return frame + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
}

/// A Close frame of a server.
func closeFrame(_ code: UInt16, _ reason: String = "") -> [UInt8] {
    [0x88, UInt8(2 + reason.utf8.count), UInt8(code >> 8), UInt8(code & 0xFF)] + reason.utf8
}
