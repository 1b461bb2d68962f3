// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded

@testable import GRPCTransport

/// Counts the calls that begin and end, on the one thread there is.
private final class Ledger: @unchecked Sendable {
    var started = 0
    var ended = 0
}

/// Says messages back; the first octet of one may ask for something else.
private final class Handler: GRPCServerHandler {
    private let ledger: Ledger
    private var hasEnded = false

    init(_ ledger: Ledger) {
        self.ledger = ledger
        ledger.started += 1
    }

    func received(_ message: Span<UInt8>, on stream: GRPCServerStream) {
        precondition(!hasEnded, "a message after the end")
        switch message.isEmpty ? 0 : message[0] {
        case UInt8(ascii: "p"): stream.pauseReading()
        case UInt8(ascii: "f"): stream.finish(GRPCStatus(.aborted, "as you wish"))
        case UInt8(ascii: "b"): stream.send([UInt8](repeating: 0, count: 100_000))
        default: stream.send(message)
        }
    }

    func halfClosed(_ stream: GRPCServerStream) {
        precondition(!hasEnded, "half-closed after the end")
        stream.finish()
    }

    func writable(_ stream: GRPCServerStream) {
        precondition(!hasEnded, "writable after the end")
        stream.resumeReading()
    }

    func ended(_ stream: GRPCServerStream, _ end: GRPCStreamEnd) {
        precondition(!hasEnded, "ended twice")
        hasEnded = true
        ledger.ended += 1
    }
}

private let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

/// The first octet: how the rest is cut into reads, and, above 127, that it is all there is;
/// otherwise the preface and a SETTINGS frame come before it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ base: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = octets(base, count)
    guard let first = input.first else { return 0 }
    let ledger = Ledger()
    var router = GRPCRouter()
    router.add(service: "s", method: "m") { _, eventLoop in
        eventLoop.makeSucceededFuture(.accept { Handler(ledger) })
    }
    var configuration = GRPCServer.Configuration()
    configuration.limits.maximumMessageBytes = 1 << 16
    configuration.limits.maximumBufferedBytes = 1 << 20
    let channel = EmbeddedChannel()
    do {
        let state = GRPCServerState(configuration, router: router)
        try GRPCServerConnection.install(state, in: channel)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    } catch {
        preconditionFailure("\(error)")
    }
    var rest = input.dropFirst()
    if first < 128 { rest = (preface + [0, 0, 0, 4, 0, 0, 0, 0, 0])[...] + rest }
    let piece = first & 127 == 0 ? rest.count : Int(first & 127)
    while !rest.isEmpty, channel.isActive {
        // What a handler throws at the pipeline ends the connection, as it does outside.
        _ = try? channel.writeInbound(ByteBuffer(bytes: rest.prefix(piece)))
        rest = rest.dropFirst(piece)
        channel.embeddedEventLoop.run()
        while (try? channel.readOutbound(as: ByteBuffer.self)) != nil {}
    }
    channel.embeddedEventLoop.advanceTime(by: .seconds(60))
    _ = try? channel.finish(acceptAlreadyClosed: true)
    channel.embeddedEventLoop.run()
    precondition(ledger.ended == ledger.started, "\(ledger.started) calls, \(ledger.ended) ends")
    return 0
}
