// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import SwiftProtobuf

/// The methods a server knows, by service and name. A value: fill it, then start the server.
public struct GRPCRouter: Sendable {
    private var services: [String: [String: GRPCAccept]] = [:]

    public init() {}

    /// Adds a method of any shape.
    public mutating func add(
        service: String, method: String, _ accept: @escaping GRPCAccept
    ) {
        services[service, default: [:]][method] = accept
    }

    /// Adds a method with one request and one response.
    ///
    /// - Parameter answer: called on the connection's event loop; a failure with ``GRPCStatus`` is
    ///   that status, any other is `unknown`.
    public mutating func addUnary<Request: Message, Response: Message>(
        service: String, method: String,
        _ answer:
            @escaping @Sendable (Request, GRPCCallHead, any EventLoop) ->
            EventLoopFuture<Response>
    ) {
        add(service: service, method: method) { head, eventLoop in
            eventLoop.makeSucceededFuture(.accept { GRPCUnaryHandler(answer) })
        }
    }

    /// Finds the method; throws `unimplemented` with what is missing.
    func route(_ head: GRPCCallHead) throws(GRPCStatus) -> GRPCAccept {
        guard let methods = services[head.service] else {
            throw GRPCStatus(.unimplemented, "unknown service \(head.service)")
        }
        guard let accept = methods[head.method] else {
            throw GRPCStatus(.unimplemented, "unknown method \(head.method) of \(head.service)")
        }
        return accept
    }
}

/// Handles a call of one request and one response.
final class GRPCUnaryHandler<Request: Message, Response: Message>: GRPCServerHandler {
    private let answer:
        @Sendable (Request, GRPCCallHead, any EventLoop) -> EventLoopFuture<Response>
    private var request: Request?

    init(
        _ answer:
            @escaping @Sendable (Request, GRPCCallHead, any EventLoop) -> EventLoopFuture<Response>
    ) {
        self.answer = answer
    }

    func received(_ message: Span<UInt8>, on stream: GRPCServerStream) {
        guard request == nil else {
            return stream.finish(GRPCStatus(.internalError, "more than one request message"))
        }
        do throws(GRPCStatus) {
            request = try Request(decoding: message)
        } catch {
            stream.finish(error)
        }
    }

    func halfClosed(_ stream: GRPCServerStream) {
        guard let request else {
            return stream.finish(GRPCStatus(.internalError, "no request message"))
        }
        let bound = NIOLoopBound(stream, eventLoop: stream.eventLoop)
        answer(request, stream.head, stream.eventLoop).hop(to: stream.eventLoop)
            .whenComplete { result in
                switch result {
                case .success(let response):
                    bound.value.send(response)
                    bound.value.finish()
                case .failure(let error):
                    let status = error as? GRPCStatus
                    bound.value.finish(status ?? GRPCStatus(.unknown, "the method failed"))
                }
            }
    }

    func ended(_ stream: GRPCServerStream, _ end: GRPCStreamEnd) {}
}

extension Message {
    /// Decodes a message that a transport lent. Copies the octets once.
    /// - Throws: `internalError` when they are not such a message.
    public init(decoding octets: Span<UInt8>) throws(GRPCStatus) {
        var copy: [UInt8] = []
        copy.reserveCapacity(octets.count)
        for index in octets.indices { copy.append(octets[index]) }
        do {
            try self.init(serializedBytes: copy)
        } catch {
            throw GRPCStatus(.internalError, "the message is not a \(Self.protoMessageName)")
        }
    }
}
