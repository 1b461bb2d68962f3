// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import NIOPosix
import Testing
import WebSocketTransport

@Suite struct WebSocketClientTests {
    @Test(arguments: [false, true])
    func messagesGoBothWays(overTLS: Bool) async throws {
        let journal = Journal()
        let tls = try ServerTLS(
            certificateChain: TestIdentity.certificate, privateKey: TestIdentity.privateKey)
        let server = try await startEchoServer { $0.tls = overTLS ? tls : nil }
        let trust = try ClientTLS(trust: .authorities(TestIdentity.certificate))
        let scheme = overTLS ? "wss://localhost" : "ws://127.0.0.1"
        let connection = try await WebSocketClient.connect(
            to: WebSocketURL("\(scheme):\(server.port)/call?x=1"), tls: trust,
            on: testGroup.next()
        ) { RecordingHandler(journal) }.get()
        let long = ByteBuffer(bytes: (0..<100_000).map { UInt8(truncatingIfNeeded: $0) })
        try await connection.onLoop { connection in
            connection.send(text: "häuser")
            connection.send(binary: long)
            connection.flush()
        }
        let seen = await journal.next(3)
        #expect(seen == [.connected, .text("häuser"), .binary(Array(buffer: long))])
        try await connection.onLoop { $0.close(code: .normal, reason: "done") }
        let close = try await journal.untilClosed().soleClose
        #expect(
            close
                == WebSocketClose(
                    code: .normal, reason: "done", wasClean: true, initiator: .local))
        #expect(await server.finish())
        #expect(server.counters.connectionsLost == 0)
    }

    @Test func aViolationOverTLSIsToldBeforeTheEnd() async throws {
        let journal = Journal()
        let tls = try ServerTLS(
            certificateChain: TestIdentity.certificate, privateKey: TestIdentity.privateKey)
        let server = try await startEchoServer {
            $0.tls = tls
            $0.limits.maximumMessageBytes = 100
        }
        let connection = try await WebSocketClient.connect(
            to: WebSocketURL("wss://127.0.0.1:\(server.port)/"),
            tls: ClientTLS(trust: .authorities(TestIdentity.certificate)), on: testGroup.next()
        ) { RecordingHandler(journal) }.get()
        try await connection.onLoop { connection in
            connection.send(binary: ByteBuffer(repeating: 0, count: 1000))
            connection.flush()
        }
        let close = try await journal.untilClosed().soleClose
        #expect(close?.code == .messageTooBig)
        #expect(close?.initiator == .peer)
        #expect(await server.finish())
        #expect(server.counters.violations == [.oversizeMessage: 1])
    }

    private func failure(
        _ url: String, tls: ClientTLS? = nil, timeout: TimeAmount = .seconds(10)
    ) async throws -> WebSocketClientError? {
        var limits = WebSocketLimits()
        limits.handshakeTimeout = timeout
        do {
            _ = try await WebSocketClient.connect(
                to: WebSocketURL(url), tls: tls, limits: limits, on: testGroup.next()
            ) { RecordingHandler(Journal()) }.get()
            return nil
        } catch {
            return error as? WebSocketClientError
        }
    }

    @Test func aReplacedCertificateIsShownToNewConnectionsOnly() async throws {
        let tls = try ServerTLS(
            certificateChain: TestIdentity.certificate, privateKey: TestIdentity.privateKey)
        let server = try await startEchoServer { $0.tls = tls }
        let url = "wss://localhost:\(server.port)/"
        let first = try ClientTLS(trust: .authorities(TestIdentity.certificate))
        let renewed = try ClientTLS(trust: .authorities(TestIdentity.renewedCertificate))
        let journal = Journal()
        let connection = try await WebSocketClient.connect(
            to: WebSocketURL(url), tls: first, on: testGroup.next()
        ) { RecordingHandler(journal) }.get()
        let before = try await failure(url, tls: renewed)
        guard case .tls? = before else {
            Issue.record("The certificate to come was shown before its time: \(before as Any)")
            return
        }
        server.replaceTLS(
            try ServerTLS(
                certificateChain: TestIdentity.renewedCertificate,
                privateKey: TestIdentity.renewedPrivateKey))
        let after = try await failure(url, tls: renewed)
        #expect(after == nil)
        let old = try await failure(url, tls: first)
        guard case .tls? = old else {
            Issue.record("The old certificate is still shown: \(old as Any)")
            return
        }
        // The connection made before goes on.
        try await connection.onLoop { connection in
            connection.send(text: "still here")
            connection.flush()
        }
        let seen = await journal.next(2)
        #expect(seen == [.connected, .text("still here")])
        try await connection.onLoop { $0.close(code: .normal, reason: "") }
        #expect(await server.finish())
    }

    @Test func aCertificateNobodyVouchesForIsRefused() async throws {
        let tls = try ServerTLS(
            certificateChain: TestIdentity.certificate, privateKey: TestIdentity.privateKey)
        let server = try await startEchoServer { $0.tls = tls }
        guard case .tls = try await failure("wss://localhost:\(server.port)/") else {
            Issue.record("the handshake should have failed over the certificate")
            return
        }
        #expect(
            try await failure("wss://localhost:\(server.port)/", tls: .init(trust: .anyone)) == nil)
        #expect(await server.finish())
        #expect(server.counters.tlsFailures == 1)
    }

    @Test func anIdentityThatIsNoneIsAnError() {
        #expect(throws: TLSError.self) {
            try ServerTLS(certificateChain: "nonsense", privateKey: TestIdentity.privateKey)
        }
        #expect(throws: TLSError.self) {
            try ServerTLS(certificateChain: TestIdentity.certificate, privateKey: "nonsense")
        }
    }

    @Test func aRefusalCarriesTheAnswer() async throws {
        let server = try await WebSocketServer.start(group: testGroup) { _, loop in
            loop.makeSucceededFuture(
                .refuse(
                    HTTPResponse(
                        status: .serviceUnavailable, headers: ["Retry-After": "5"],
                        body: ByteBuffer(string: "full"))))
        }
        guard case .refused(let response) = try await failure("ws://127.0.0.1:\(server.port)/")
        else {
            Issue.record("the upgrade should have been refused")
            return
        }
        #expect(response.status == .serviceUnavailable)
        #expect(response.headers["retry-after"] == ["5"])
        #expect(String(buffer: response.body) == "full")
        #expect(await server.finish())
    }

    @Test func nobodyListening() async throws {
        let server = try await startEchoServer()
        let port = server.port
        #expect(await server.finish())
        guard case .unreachable = try await failure("ws://127.0.0.1:\(port)/") else {
            Issue.record("there should be nobody")
            return
        }
    }

    @Test(arguments: [
        (
            "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: bm8=\r\n\r\n",
            "invalidAccept"
        ),
        ("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "invalidAccept"),
        ("HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", "malformedResponse"),
        (
            "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n", "malformedResponse"
        ),
        ("garbage garbage garbage\r\n\r\n", "malformedResponse"),
        ("HTTP/1.1 302 X\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", "refused"),
        ("HTTP/1.1 404 X\r\n\r\nuntil the end", "refused"),
        ("HTTP/1.1 10", "malformedResponse"),
        ("", "connectionLost"),
    ])
    func anAnswerThatIsNoUpgradeIsNamed(answer: String, error: String) async throws {
        let listener = try await ServerBootstrap(group: testGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answerer(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        let failure = try #require(try await failure("ws://127.0.0.1:\(port)/"))
        #expect("\(failure)".hasPrefix(error), "\(failure)")
        try await listener.close().get()
    }

    @Test func aServerThatSaysNothingIsTimedOut() async throws {
        let listener = try await ServerBootstrap(group: testGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        guard
            case .timedOut = try await failure(
                "ws://127.0.0.1:\(port)/", timeout: .milliseconds(50))
        else {
            Issue.record("the handshake should have timed out")
            return
        }
        try await listener.close().get()
    }
}

/// Says one thing to whatever comes, and ends the connection.
private final class Answerer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let answer: String

    init(_ answer: String) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.writeAndFlush(NIOAny(ByteBuffer(string: answer)), promise: promise)
    }
}
