// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@testable import WebexContactCenter

/// Keys over real sockets, from a key server on loopback.
@Suite(.timeLimit(.minutes(1))) struct WebexIssuerKeyFetcherTests {
    private func with(
        _ answers: [KeyServer.Answer], timeout: MediaDuration = .milliseconds(3_000),
        _ body: (KeyServer, WebexIssuerKeyFetcher) async throws -> Void
    ) async throws {
        let server = try await KeyServer.start(answers)
        let fetcher = WebexIssuerKeyFetcher(
            group: MultiThreadedEventLoopGroup.singleton, timeout: timeout)
        do {
            try await body(server, fetcher)
        } catch {
            try await fetcher.shutdown()
            try await server.stop()
            throw error
        }
        try await fetcher.shutdown()
        try await server.stop()
    }

    @Test func aTokenIsVerifiedWithKeysFromTheNetwork() async throws {
        let issuer = try await TestIssuer()
        let answer = KeyServer.Answer(
            .ok, ["Cache-Control": "max-age=600"], try issuer.keySet())
        try await with([answer]) { server, fetcher in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let time = TestTime()
            let address = "http://127.0.0.1:\(server.port)/idb"
            let authenticator = WebexAuthenticator(
                requirements: WebexTokenRequirements(
                    dataSourceURL: TestIssuer.url, issuers: [address]),
                keys: WebexIssuerKeys(fetcher: fetcher, clock: time.clock, logger: logger),
                logger: logger, clock: time.clock)
            let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
            let token = try issuer.token(["iss": "\"\(address)\""])
            for _ in 0..<3 {
                let refusal = try await authenticator.authenticate(
                    authorization: "Bearer \(token)", on: eventLoop
                ).get()
                #expect(refusal == nil)
            }
            let stranger = try await authenticator.authenticate(
                authorization: try issuer.token(), on: eventLoop
            ).get()
            #expect(stranger == .issuerNotAllowed)
            #expect(server.paths == ["/idb/oauth2/v2/keys/verificationjwk"])
        }
    }

    @Test func theAnswerComesWithItsHeaders() async throws {
        let headers: HTTPHeaders = ["Retry-After": "7", "Cache-Control": "no-store"]
        try await with([KeyServer.Answer(.tooManyRequests, headers, [1, 2])]) { server, fetcher in
            let response = try await fetcher.fetch("http://127.0.0.1:\(server.port)/")
            #expect(
                response
                    == WebexIssuerKeyResponse(
                        status: 429, cacheControl: "no-store", retryAfter: "7", body: [1, 2]))
        }
    }

    @Test func redirectsAreNotFollowed() async throws {
        let issuer = try await TestIssuer()
        let there = KeyServer.Answer(.found, ["Location": "/elsewhere"], [])
        try await with([there, KeyServer.Answer(.ok, [:], try issuer.keySet())]) {
            server, fetcher in
            let response = try await fetcher.fetch("http://127.0.0.1:\(server.port)/here")
            #expect(response.status == 302)
            #expect(server.paths == ["/here"])
        }
    }

    @Test func moreThanTheLimitIsNotRead() async throws {
        let large = KeyServer.Answer(
            .ok, [:], [UInt8](repeating: 0x20, count: WebexTokenPolicy.maximumKeyBytes + 1))
        try await with([large]) { server, fetcher in
            await #expect(throws: (any Error).self) {
                try await fetcher.fetch("http://127.0.0.1:\(server.port)/")
            }
        }
    }

    @Test(arguments: [true, false])
    func aServerThatNeverEndsIsLeft(beginsAnAnswer: Bool) async throws {
        let answer = KeyServer.Answer(.ok, [:], [1], isStuck: true, sendsHead: beginsAnAnswer)
        try await with([answer], timeout: .milliseconds(100)) { server, fetcher in
            await #expect(throws: (any Error).self) {
                try await fetcher.fetch("http://127.0.0.1:\(server.port)/")
            }
        }
    }

    @Test func nobodyAtTheAddressIsAnError() async throws {
        try await with([], timeout: .milliseconds(200)) { server, fetcher in
            try await server.stop()
            await #expect(throws: (any Error).self) {
                try await fetcher.fetch("http://127.0.0.1:\(server.port)/")
            }
        }
    }
}

/// An HTTP server that gives its answers one after the other, the last one for ever.
final class KeyServer: Sendable {
    struct Answer: Sendable {
        let status: HTTPResponseStatus
        let headers: HTTPHeaders
        let body: [UInt8]
        /// Never ends the answer.
        let isStuck: Bool
        let sendsHead: Bool

        init(
            _ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: [UInt8],
            isStuck: Bool = false, sendsHead: Bool = true
        ) {
            self.status = status
            self.headers = headers
            self.body = body
            self.isStuck = isStuck
            self.sendsHead = sendsHead
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let server: KeyServer

        init(_ server: KeyServer) { self.server = server }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .head(let request) = unwrapInboundIn(data),
                let answer = server.answer(to: request.uri)
            else { return }
            guard answer.sendsHead else { return }
            var headers = answer.headers
            headers.add(
                name: "Content-Length", value: "\(answer.body.count + (answer.isStuck ? 9 : 0))")
            let head = HTTPResponseHead(
                version: .http1_1, status: answer.status, headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            let body = ByteBuffer(bytes: answer.body)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            guard !answer.isStuck else { return }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    private let state: Mutex<(answers: [Answer], paths: [String])>
    private let channel = Mutex<(any Channel)?>(nil)

    private init(_ answers: [Answer]) {
        state = Mutex((answers, []))
    }

    static func start(_ answers: [Answer]) async throws -> KeyServer {
        let server = KeyServer(answers)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(server))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        server.channel.withLock { $0 = channel }
        return server
    }

    var port: Int { channel.withLock { $0?.localAddress?.port ?? 1 } }
    var paths: [String] { state.withLock { $0.paths } }

    func stop() async throws {
        guard let channel = channel.withLock({ $0 }), channel.isActive else { return }
        try await channel.close().get()
    }

    private func answer(to path: String) -> Answer? {
        state.withLock { state in
            state.paths.append(path)
            return state.answers.count > 1 ? state.answers.removeFirst() : state.answers.first
        }
    }
}
