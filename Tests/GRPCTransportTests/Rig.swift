// Sidetone
// SPDX-License-Identifier: Apache-2.0

import GRPCTransport
import NIOCore
import NIOPosix

let testGroup = MultiThreadedEventLoopGroup.singleton

/// What came of a call at the client.
enum Outcome: Sendable, Equatable {
    case message([UInt8])
    case ended(GRPCStatus, GRPCMetadata)
}

/// A client's call for tests: what arrives is read in order with ``next()``.
final class TestCall: GRPCClientHandler, @unchecked Sendable {
    private let sink: AsyncStream<Outcome>.Continuation
    private var iterator: AsyncStream<Outcome>.Iterator
    private(set) var stream: GRPCClientStream?

    init() {
        let (outcomes, sink) = AsyncStream.makeStream(of: Outcome.self)
        self.sink = sink
        iterator = outcomes.makeAsyncIterator()
    }

    static func open(
        _ client: GRPCClient, _ method: String, service: String = "test.Service",
        metadata: GRPCMetadata = [:], timeout: TimeAmount? = nil
    ) async throws -> TestCall {
        let call = TestCall()
        try await client.eventLoop.submit {
            call.stream = client.open(
                service: service, method: method, metadata: metadata, timeout: timeout,
                handler: call)
        }.get()
        return call
    }

    func received(_ message: Span<UInt8>, on stream: GRPCClientStream) {
        sink.yield(.message(copy(message)))
    }

    func ended(_ stream: GRPCClientStream, _ status: GRPCStatus, trailers: GRPCMetadata) {
        sink.yield(.ended(status, trailers))
        sink.finish()
    }

    func next() async -> Outcome? { await iterator.next() }

    /// The status, after every message that comes before it.
    func status() async -> GRPCStatus? {
        while let outcome = await next() {
            if case .ended(let status, _) = outcome { return status }
        }
        return nil
    }

    func send(_ messages: [UInt8]..., halfClose: Bool = false) async throws {
        try await onLoop { stream in
            for message in messages { stream.send(message) }
            if halfClose { stream.halfClose() }
        }
    }

    func onLoop(_ body: @escaping @Sendable (GRPCClientStream) -> Void) async throws {
        guard let stream else { return }
        try await stream.eventLoop.submit { body(stream) }.get()
    }
}

func copy(_ octets: Span<UInt8>) -> [UInt8] {
    var copy: [UInt8] = []
    for index in octets.indices { copy.append(octets[index]) }
    return copy
}

/// What a server's handler saw, in order; read it from a test.
final class Journal: Sendable {
    enum Entry: Sendable, Equatable {
        case started(GRPCMetadata)
        case message([UInt8])
        case readCompleted
        case halfClosed
        case writable
        case ended(GRPCStreamEnd)
    }

    let entries: AsyncStream<Entry>
    private let sink: AsyncStream<Entry>.Continuation

    init() {
        (entries, sink) = AsyncStream.makeStream(of: Entry.self)
    }

    func note(_ entry: Entry) {
        sink.yield(entry)
    }

    /// Waits for an entry that fits.
    func first(where fits: @Sendable (Entry) -> Bool) async -> Entry? {
        for await entry in entries where fits(entry) { return entry }
        return nil
    }

    func end() async -> GRPCStreamEnd? {
        let entry = await first { if case .ended = $0 { true } else { false } }
        if case .ended(let end) = entry { return end }
        return nil
    }
}

/// A server's handler made of closures; writes into a journal.
final class TestHandler: GRPCServerHandler {
    private let journal: Journal
    private let onMessage: (Span<UInt8>, GRPCServerStream) -> Void
    private let onHalfClose: (GRPCServerStream) -> Void
    private let onStart: (GRPCServerStream) -> Void
    private let onWritable: (GRPCServerStream) -> Void

    init(
        _ journal: Journal = Journal(),
        onStart: @escaping (GRPCServerStream) -> Void = { _ in },
        onWritable: @escaping (GRPCServerStream) -> Void = { _ in },
        onHalfClose: @escaping (GRPCServerStream) -> Void = { $0.finish() },
        onMessage: @escaping (Span<UInt8>, GRPCServerStream) -> Void = { $1.send($0) }
    ) {
        self.journal = journal
        self.onStart = onStart
        self.onWritable = onWritable
        self.onHalfClose = onHalfClose
        self.onMessage = onMessage
    }

    func started(_ stream: GRPCServerStream) {
        journal.note(.started(stream.head.metadata))
        onStart(stream)
    }

    func received(_ message: Span<UInt8>, on stream: GRPCServerStream) {
        journal.note(.message(copy(message)))
        onMessage(message, stream)
    }

    var wantsReadCompleted: Bool { true }

    func readCompleted(_ stream: GRPCServerStream) { journal.note(.readCompleted) }

    func halfClosed(_ stream: GRPCServerStream) {
        journal.note(.halfClosed)
        onHalfClose(stream)
    }

    func writable(_ stream: GRPCServerStream) {
        journal.note(.writable)
        onWritable(stream)
    }

    func ended(_ stream: GRPCServerStream, _ end: GRPCStreamEnd) { journal.note(.ended(end)) }
}

extension GRPCRouter {
    /// Adds a method of `test.Service`.
    mutating func handle(
        _ method: String, _ make: @escaping @Sendable () -> TestHandler
    ) {
        add(service: "test.Service", method: method) { _, eventLoop in
            eventLoop.makeSucceededFuture(.accept { make() })
        }
    }
}

/// A server and a client on loopback.
struct Rig {
    let server: GRPCServer
    let client: GRPCClient

    static func start(
        limits: GRPCLimits = GRPCLimits(), tls: GRPCServerTLS? = nil,
        clientTLS: GRPCClientTLS? = nil, router: (inout GRPCRouter) -> Void
    ) async throws -> Rig {
        var filled = GRPCRouter()
        router(&filled)
        var configuration = GRPCServer.Configuration()
        configuration.limits = limits
        configuration.tls = tls
        let server = try await GRPCServer.start(configuration, router: filled, group: testGroup)
        let client = try await connect(to: server, tls: clientTLS)
        return Rig(server: server, client: client)
    }

    static func connect(
        to server: GRPCServer, tls: GRPCClientTLS? = nil
    ) async throws -> GRPCClient {
        try await GRPCClient.connect(
            GRPCClient.Target(host: "127.0.0.1", port: server.port), tls: tls,
            on: testGroup.next()
        ).get()
    }

    func open(
        _ method: String, metadata: GRPCMetadata = [:], timeout: TimeAmount? = nil
    ) async throws -> TestCall {
        try await TestCall.open(client, method, metadata: metadata, timeout: timeout)
    }

    /// Ends both and tells whether nothing was left open.
    func finish() async throws -> Bool {
        let client = client
        try await client.eventLoop.submit { client.close() }.get()
        await server.shutdown(within: .seconds(5))
        return server.counters.openConnections == 0
    }
}
