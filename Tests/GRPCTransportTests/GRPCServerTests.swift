// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import SwiftProtobuf
import Testing

@testable import GRPCTransport

@Suite struct GRPCServerTests {
    @Test func messagesGoBothWaysInOrder() async throws {
        let journal = Journal()
        let rig = try await Rig.start { $0.handle("Echo") { TestHandler(journal) } }
        let call = try await rig.open("Echo", metadata: ["x-trace": "7"])
        try await call.send([1], [], Array(repeating: 5, count: 100_000), halfClose: true)
        #expect(await call.next() == .message([1]))
        #expect(await call.next() == .message([]))
        #expect(await call.next() == .message(Array(repeating: 5, count: 100_000)))
        #expect(await call.status() == .ok)
        let started = await journal.first { if case .started = $0 { true } else { false } }
        guard case .started(let metadata) = started else { return #expect(Bool(false)) }
        #expect(metadata["x-trace"] == "7")
        #expect(await journal.end() == .finished)
        #expect(try await rig.finish())
        #expect(rig.server.counters.callsEnded == [.ok: 1])
    }

    @Test func unknownNamesAreUnimplemented() async throws {
        let rig = try await Rig.start { $0.handle("Echo") { TestHandler() } }
        let method = try await rig.open("Sing")
        #expect(await method.status()?.code == .unimplemented)
        let service = try await TestCall.open(rig.client, "Echo", service: "test.Other")
        let status = await service.status()
        #expect(status == GRPCStatus(.unimplemented, "unknown service test.Other"))
        #expect(try await rig.finish())
    }

    @Test func statusAndTrailersWithAndWithoutMessages() async throws {
        let rig = try await Rig.start { router in
            router.handle("Refuse") {
                TestHandler(onStart: {
                    $0.finish(GRPCStatus(.notFound, "no ü"), trailers: ["x-reason": "none"])
                })
            }
            router.handle("Half") {
                TestHandler(onStart: {
                    $0.send([9])
                    $0.finish(GRPCStatus(.aborted), trailers: ["x-reason": "half"])
                    $0.send([10])
                    $0.finish()
                })
            }
        }
        let refused = try await rig.open("Refuse")
        guard case .ended(let status, let trailers) = await refused.next() else {
            return #expect(Bool(false))
        }
        #expect(status == GRPCStatus(.notFound, "no ü"))
        #expect(trailers["x-reason"] == "none")
        let half = try await rig.open("Half")
        #expect(await half.next() == .message([9]))
        guard case .ended(let second, let more) = await half.next() else {
            return #expect(Bool(false))
        }
        #expect(second.code == .aborted)
        #expect(more["x-reason"] == "half")
        #expect(try await rig.finish())
    }

    @Test func aServiceMayDecideLater() async throws {
        let decision = testGroup.next().makePromise(of: GRPCDecision.self)
        let journal = Journal()
        let rig = try await Rig.start { router in
            router.add(service: "test.Service", method: "Later") { _, _ in decision.futureResult }
            router.add(service: "test.Service", method: "Never") { _, eventLoop in
                eventLoop.makeSucceededFuture(.refuse(GRPCStatus(.unauthenticated, "who?")))
            }
            router.add(service: "test.Service", method: "Broken") { _, eventLoop in
                eventLoop.makeFailedFuture(ChannelError.eof)
            }
        }
        let call = try await rig.open("Later")
        try await call.send([1], [2], halfClose: true)
        let refused = try await rig.open("Never")
        #expect(await refused.status() == GRPCStatus(.unauthenticated, "who?"))
        let broken = try await rig.open("Broken")
        #expect(await broken.status()?.code == .internalError)
        decision.succeed(.accept { TestHandler(journal) })
        #expect(await call.next() == .message([1]))
        #expect(await call.next() == .message([2]))
        #expect(await call.status() == .ok)
        #expect(try await rig.finish())
    }

    @Test func deadlineEndsBothSides() async throws {
        let journal = Journal()
        let rig = try await Rig.start { $0.handle("Wait") { TestHandler(journal) } }
        let call = try await rig.open("Wait", timeout: .milliseconds(60))
        #expect(await call.status()?.code == .deadlineExceeded)
        let end = await journal.end()
        // Whose clock runs out first is a matter of microseconds.
        #expect(end == .deadlineExceeded || end == .cancelled)
        #expect(try await rig.finish())
    }

    @Test func cancellationReachesTheHandler() async throws {
        let journal = Journal()
        let rig = try await Rig.start { $0.handle("Wait") { TestHandler(journal) } }
        let call = try await rig.open("Wait")
        try await call.send([1])
        #expect(await call.next() == .message([1]))
        try await call.onLoop { $0.cancel() }
        #expect(await call.status()?.code == .cancelled)
        #expect(await journal.end() == .cancelled)
        #expect(try await rig.finish())
        #expect(rig.server.counters.callsEnded == [.cancelled: 1])
    }

    @Test func lostConnectionReachesTheHandler() async throws {
        let journal = Journal()
        let rig = try await Rig.start { $0.handle("Wait") { TestHandler(journal) } }
        let call = try await rig.open("Wait")
        try await call.send([1])
        #expect(await call.next() == .message([1]))
        let client = rig.client
        try await client.eventLoop.submit { client.close() }.get()
        #expect(await call.status()?.code == .unavailable)
        #expect(await journal.end() == .connectionLost)
        #expect(try await rig.finish())
    }

    /// The rest of a burst is still in the library's hands when a handler closes the connection.
    @Test func aHandlerMayCloseItsConnection() async throws {
        final class Closer: GRPCClientHandler {
            let ended = Journal.Box<GRPCStatus>()
            private let client: GRPCClient
            init(_ client: GRPCClient) { self.client = client }
            func received(_ message: Span<UInt8>, on stream: GRPCClientStream) {
                client.close()
                client.close()
            }
            func ended(
                _ stream: GRPCClientStream, _ status: GRPCStatus, trailers: GRPCMetadata
            ) { ended.put(status) }
        }
        let rig = try await Rig.start { router in
            router.handle("Pour") {
                TestHandler(onStart: { stream in
                    for _ in 0..<200 { stream.send([UInt8](repeating: 7, count: 100)) }
                })
            }
        }
        let client = rig.client
        let ends = try await client.eventLoop.submit {
            (0..<20).map { _ in
                let closer = Closer(client)
                _ = client.open(service: "test.Service", method: "Pour", handler: closer)
                return closer.ended
            }
        }.get()
        for end in ends {
            let status = await end.get()
            #expect(status?.code == .unavailable)
        }
        #expect(try await rig.finish())
    }

    @Test func tooLongMessagesAreResourceExhausted() async throws {
        var limits = GRPCLimits()
        limits.maximumMessageBytes = 1000
        let journal = Journal()
        let rig = try await Rig.start(limits: limits) {
            $0.handle("Echo") { TestHandler(journal) }
        }
        let call = try await rig.open("Echo")
        try await call.send(Array(repeating: 1, count: 1001))
        #expect(await call.status()?.code == .resourceExhausted)
        guard case .failed(let status) = await journal.end() else { return #expect(Bool(false)) }
        #expect(status.message == "a message of 1001 octets; the limit is 1000")
        #expect(try await rig.finish())
    }

    @Test func metadataBeyondTheLimitIsResourceExhausted() async throws {
        var limits = GRPCLimits()
        limits.maximumHeaderListBytes = 2000
        let rig = try await Rig.start(limits: limits) { $0.handle("Echo") { TestHandler() } }
        let call = try await rig.open(
            "Echo", metadata: ["x-long": String(repeating: "x", count: 3000)])
        #expect(await call.status()?.code == .resourceExhausted)
        let good = try await rig.open("Echo", metadata: ["x-short": "x"])
        try await good.send([1], halfClose: true)
        #expect(await good.status() == .ok)
        #expect(try await rig.finish())
    }

    @Test func unaryMethodsTakeOneMessage() async throws {
        let rig = try await Rig.start { router in
            router.addUnary(service: "test.Service", method: "Double") {
                (request: Google_Protobuf_Int32Value, _, eventLoop: any EventLoop)
                    -> EventLoopFuture<Google_Protobuf_Int32Value> in
                guard request.value >= 0 else {
                    return eventLoop.makeFailedFuture(GRPCStatus(.outOfRange, "negative"))
                }
                return eventLoop.makeSucceededFuture(.init(request.value * 2))
            }
        }
        func octets(_ value: Int32) throws -> [UInt8] {
            try Google_Protobuf_Int32Value(value).serializedBytes()
        }
        let call = try await rig.open("Double")
        try await call.send(try octets(21), halfClose: true)
        #expect(await call.next() == .message(try octets(42)))
        #expect(await call.status() == .ok)
        let failing = try await rig.open("Double")
        try await failing.send(try octets(-1), halfClose: true)
        #expect(await failing.status() == GRPCStatus(.outOfRange, "negative"))
        let none = try await rig.open("Double")
        try await none.send(halfClose: true)
        #expect(await none.status()?.code == .internalError)
        let two = try await rig.open("Double")
        try await two.send(try octets(1), try octets(2), halfClose: true)
        #expect(await two.status()?.code == .internalError)
        let wrong = try await rig.open("Double")
        try await wrong.send([0xFF], halfClose: true)
        #expect(await wrong.status()?.code == .internalError)
        #expect(try await rig.finish())
    }

    @Test func connectionsAboveTheLimitAreClosed() async throws {
        var configuration = GRPCServer.Configuration()
        configuration.maximumConnections = 1
        let server = try await GRPCServer.start(
            configuration, router: GRPCRouter(), group: testGroup)
        let first = try await Rig.connect(to: server)
        await #expect(throws: (any Error).self) { _ = try await Rig.connect(to: server) }
        #expect(server.counters.overCapacity == 1)
        try await first.eventLoop.submit { first.close() }.get()
        await server.shutdown(within: .seconds(5))
    }

    @Test func drainLetsCallsFinishAndRefusesNewOnes() async throws {
        let rig = try await Rig.start { $0.handle("Echo") { TestHandler() } }
        let call = try await rig.open("Echo")
        try await call.send([1])
        #expect(await call.next() == .message([1]))
        await rig.server.beginDrain()
        try await call.send([2])
        #expect(await call.next() == .message([2]))
        await #expect(throws: (any Error).self) { _ = try await Rig.connect(to: rig.server) }
        try await call.send([3], halfClose: true)
        #expect(await call.next() == .message([3]))
        #expect(await call.status() == .ok)
        try await rig.client.closeFuture.get()
        await rig.server.shutdown(within: .seconds(5))
        #expect(rig.server.counters.openConnections == 0)
    }

    @Test func aPeerThatSpeaksNoHTTP2IsDropped() async throws {
        let rig = try await Rig.start { _ in }
        let channel = try await ClientBootstrap(group: testGroup)
            .connect(host: "127.0.0.1", port: rig.server.port).get()
        channel.writeAndFlush(
            ByteBuffer(string: "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), promise: nil)
        try await channel.closeFuture.get()
        #expect(try await rig.finish())
        #expect(rig.server.counters.protocolViolations == 1)
    }

    @Test func aPeerThatSaysNothingIsDropped() async throws {
        var limits = GRPCLimits()
        limits.handshakeTimeout = .milliseconds(50)
        var configuration = GRPCServer.Configuration()
        configuration.limits = limits
        let server = try await GRPCServer.start(
            configuration, router: GRPCRouter(), group: testGroup)
        let channel = try await ClientBootstrap(group: testGroup)
            .connect(host: "127.0.0.1", port: server.port).get()
        try await channel.closeFuture.get()
        await server.shutdown(within: .seconds(5))
        #expect(server.counters.handshakeFailures == 1)
    }

    @Test func aFloodEndsItsConnectionOnly() async throws {
        let rig = try await Rig.start { $0.handle("Echo") { TestHandler() } }
        let channel = try await ClientBootstrap(group: testGroup)
            .connect(host: "127.0.0.1", port: rig.server.port).get()
        var octets = ByteBuffer(string: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        octets.writeBytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
        // PRIORITY frames of a stream that nobody opened: 5 octets of which each changes nothing.
        for _ in 0..<60_000 { octets.writeBytes([0, 0, 5, 2, 0, 0, 0, 0, 9, 0, 0, 0, 0, 16]) }
        channel.writeAndFlush(octets, promise: nil)
        try await channel.closeFuture.get()
        let call = try await rig.open("Echo")
        try await call.send([1], halfClose: true)
        #expect(await call.status() == .ok)
        #expect(rig.server.counters.floods == 1)
        #expect(try await rig.finish())
    }

    @Test func anIdleConnectionIsClosed() async throws {
        var limits = GRPCLimits()
        limits.idleTimeout = .milliseconds(50)
        let rig = try await Rig.start(limits: limits) { _ in }
        try await rig.client.closeFuture.get()
        #expect(try await rig.finish())
    }
}
