// Sidetone
// SPDX-License-Identifier: Apache-2.0

import GRPCTransport
import NIOCore
import Synchronization

/// The service of `interop_service.py`, which says what each method does. Messages are any octets.
struct EchoService: Sendable {
    static let name = "conformance.Echo"

    /// Calls of the methods that stay open.
    final class OpenCalls: Sendable {
        let count = Atomic(0)
    }

    private let open = OpenCalls()

    func register(in router: inout GRPCRouter) {
        let open = open
        add("Unary", to: &router) { Unary { message, stream in stream.reply(message) } }
        add("Converse", to: &router) { Converse(open) }
        add("Count", to: &router) { Counting() }
        add("Wait", to: &router) { Waiting(open) }
        add("Fail", to: &router) { Unary { message, stream in stream.fail(message) } }
        add("Open", to: &router) {
            Unary { _, stream in
                stream.reply(Array("\(open.count.load(ordering: .relaxed))".utf8))
            }
        }
    }

    private func add(
        _ method: String, to router: inout GRPCRouter,
        _ make: @escaping @Sendable () -> any GRPCServerHandler
    ) {
        router.add(service: Self.name, method: method) { _, eventLoop in
            eventLoop.makeSucceededFuture(.accept(make))
        }
    }
}

extension GRPCServerStream {
    /// Answers a unary call; metadata that asks for it goes back in the trailers.
    fileprivate func reply(_ message: [UInt8]) {
        var trailers = GRPCMetadata()
        for pair in head.metadata.pairs where pair.name.hasPrefix("x-echo-") {
            trailers.add(pair.name, pair.value)
        }
        send(message)
        finish(trailers: trailers)
    }

    fileprivate func fail(_ message: [UInt8]) {
        var trailers = GRPCMetadata()
        trailers.add("x-reason-bin", binary: [0x00, 0xFF])
        guard let code = message.first.flatMap({ GRPCStatusCode(rawValue: Int($0)) }) else {
            return finish(GRPCStatus(.invalidArgument, "no status code"))
        }
        let text = String(decoding: message.dropFirst(), as: UTF8.self)
        finish(GRPCStatus(code, text), trailers: trailers)
    }
}

/// A call of exactly one request.
private final class Unary: GRPCServerHandler {
    private let answer: ([UInt8], GRPCServerStream) -> Void
    private var request: [UInt8]?

    init(_ answer: @escaping ([UInt8], GRPCServerStream) -> Void) {
        self.answer = answer
    }

    func received(_ message: Span<UInt8>, on stream: GRPCServerStream) {
        guard request == nil else {
            return stream.finish(GRPCStatus(.unimplemented, "more than one request"))
        }
        request = message.indices.map { message[$0] }
    }

    func halfClosed(_ stream: GRPCServerStream) {
        guard let request else {
            return stream.finish(GRPCStatus(.unimplemented, "no request"))
        }
        answer(request, stream)
    }

    func ended(_ stream: GRPCServerStream, _ end: GRPCStreamEnd) {}
}

/// Says each message back, and takes no more while the client does not read.
private final class Converse: GRPCServerHandler {
    private let open: EchoService.OpenCalls

    init(_ open: EchoService.OpenCalls) {
        self.open = open
        open.count.add(1, ordering: .relaxed)
    }

    func received(_ message: Span<UInt8>, on stream: GRPCServerStream) {
        stream.send(message)
        if !stream.isWritable { stream.pauseReading() }
    }

    func writable(_ stream: GRPCServerStream) {
        stream.resumeReading()
    }

    func halfClosed(_ stream: GRPCServerStream) {
        stream.finish()
    }

    func ended(_ stream: GRPCServerStream, _ end: GRPCStreamEnd) {
        open.count.subtract(1, ordering: .relaxed)
    }
}

/// Stays open until the client ends the call.
private final class Waiting: GRPCServerHandler {
    private let open: EchoService.OpenCalls

    init(_ open: EchoService.OpenCalls) {
        self.open = open
        open.count.add(1, ordering: .relaxed)
    }

    func received(_ message: Span<UInt8>, on stream: GRPCServerStream) {}

    func ended(_ stream: GRPCServerStream, _ end: GRPCStreamEnd) {
        open.count.subtract(1, ordering: .relaxed)
    }
}

/// Sends numbered messages, as fast as the client takes them.
private final class Counting: GRPCServerHandler {
    private var next = 0
    private var count = 0
    private var size = 0

    func received(_ message: Span<UInt8>, on stream: GRPCServerStream) {
        let text = String(decoding: message.indices.map { message[$0] }, as: UTF8.self)
        let numbers = text.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 2, numbers[1] >= 4 else {
            return stream.finish(GRPCStatus(.invalidArgument, "not COUNT SIZE"))
        }
        (count, size) = (numbers[0], numbers[1])
    }

    func halfClosed(_ stream: GRPCServerStream) {
        writable(stream)
    }

    func writable(_ stream: GRPCServerStream) {
        while next < count, stream.isWritable {
            stream.send(Self.numbered(next, size: size))
            next += 1
        }
        if next == count { stream.finish() }
    }

    func ended(_ stream: GRPCServerStream, _ end: GRPCStreamEnd) {}

    private static func numbered(_ number: Int, size: Int) -> [UInt8] {
        let digits = (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
        return digits + [UInt8](repeating: UInt8(ascii: "n"), count: size - 4)
    }
}
