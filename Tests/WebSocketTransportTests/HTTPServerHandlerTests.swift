// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import NIOPosix
import Testing
import WebSocketTransport

/// The HTTP side of a server, the peer being plain bytes.
@Suite struct HTTPServerHandlerTests {
    private func start(
        configure: (inout WebSocketServer.Configuration) -> Void = { _ in },
        accept: @escaping WebSocketServer.Accept = { _, loop in
            loop.makeSucceededFuture(.refuse(.text(.unauthorized, "no")))
        }
    ) async throws -> WebSocketServer {
        var configuration = WebSocketServer.Configuration()
        configure(&configuration)
        return try await WebSocketServer.start(
            configuration, group: testGroup, accept: accept
        ) { request, loop in
            let text = "\(request.method) \(request.path) \(String(buffer: request.body))"
            return loop.makeSucceededFuture(.text(.ok, text))
        }
    }

    static let wrongUpgrades: [(String, String, String)] = [
        ("GET /path", "POST /path", "405"),
        ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8", "426"),
        ("Sec-WebSocket-Version: 13\r\n", "", "426"),
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", "400"),
        ("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ=", "400"),
        ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ!!", "400"),
        ("Sec-WebSocket-Version", "Sec-WebSocket-Key: 0\r\nSec-WebSocket-Version", "400"),
        ("Host: localhost\r\n", "", "400"),
        ("keep-alive, Upgrade", "keep-alive", "400"),
        ("HTTP/1.1\r\nHost", "HTTP/1.0\r\nHost", "400"),
    ]

    @Test(arguments: wrongUpgrades)
    func anUpgradeThatIsNotCorrectIsRefused(part: String, by other: String, status: String)
        async throws
    {
        let server = try await start()
        let request = RawPeer.upgradeRequest.split(
            separator: part, maxSplits: 1, omittingEmptySubsequences: false
        ).joined(separator: other)
        #expect(request != RawPeer.upgradeRequest)
        let peer = try await RawPeer.connect(to: server.port)
        peer.send(request)
        let answer = String(decoding: await peer.readToEnd(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
        if status == "426" { #expect(answer.contains("Sec-WebSocket-Version: 13\r\n")) }
        await peer.close()
        #expect(await server.finish())
        #expect(server.counters.malformedRequests == 1)
        #expect(server.counters.upgraded == 0)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 20_000))\r\n\r\n", "431"),
        ("GET /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\nHost: x\r\n\r\n", "431"),
        ("GET / HTTP/1.1\r\n\(String(repeating: "X: y\r\n", count: 200))\r\n", "431"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", "413"),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n"
                + String(repeating: "a", count: 1001), "413"
        ),
        ("hello\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", "400"),
    ])
    func aRequestThatIsWrongOrTooLongIsRefused(request: String, status: String) async throws {
        let server = try await start { $0.maximumBodyBytes = 1000 }
        let peer = try await RawPeer.connect(to: server.port)
        peer.send(request)
        let answer = String(decoding: await peer.readToEnd(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
        await peer.close()
        #expect(await server.finish())
        #expect(server.counters.malformedRequests == 1)
    }

    @Test func plainRequestsAreAnsweredInOrderOnOneConnection() async throws {
        let server = try await start()
        let peer = try await RawPeer.connect(to: server.port)
        peer.send(
            "POST /first?q HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
                + "GET /second HTTP/1.1\r\nHost: x\r\n\r\n"
                + "GET /third HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        let answer = String(decoding: await peer.readToEnd(), as: UTF8.self)
        let bodies = answer.split(separator: "\r\n\r\n").dropFirst()
        #expect(bodies.count == 3)
        #expect(bodies.first?.hasPrefix("POST /first body") == true)
        #expect(bodies.dropFirst().first?.hasPrefix("GET /second ") == true)
        #expect(bodies.last == "GET /third ")
        #expect(await server.finish())
        #expect(server.counters.responded == 3)
    }

    @Test func aHeadRequestGetsNoBody() async throws {
        let server = try await start()
        let peer = try await RawPeer.connect(to: server.port)
        peer.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        let answer = String(decoding: await peer.readToEnd(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(answer.hasSuffix("\r\n\r\n"))
        #expect(await server.finish())
    }

    @Test func withoutAResponderAPlainRequestIsToldWhatIsServed() async throws {
        let server = try await startEchoServer()
        let peer = try await RawPeer.connect(to: server.port)
        peer.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        let answer = String(decoding: await peer.readToEnd(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 426 "))
        #expect(await server.finish())
    }

    @Test func aRefusalReachesThePeerWithItsBody() async throws {
        let server = try await start()
        let peer = try await RawPeer.connect(to: server.port)
        peer.send(RawPeer.upgradeRequest)
        let answer = String(decoding: await peer.readToEnd(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 401 "))
        #expect(answer.hasSuffix("\r\n\r\nno"))
        #expect(await server.finish())
        #expect(server.counters.refused == 1)
    }

    @Test func theDecisionSeesTheRequestAndMayComeLaterFromAnotherLoop() async throws {
        let journal = Journal()
        let server = try await start { _ in
        } accept: { request, loop in
            let other = testGroup.next()
            let asked = [
                request.path, request.queryValue("a") ?? "", request.soleHeader("Host") ?? "",
                "\(request.remoteAddress?.ipAddress ?? "") \(request.isSecure)",
            ]
            journal.write(.text(asked.joined(separator: " ")))
            return other.scheduleTask(in: .milliseconds(5)) {
                UpgradeDecision.accept(headers: ["X-Session": "7"]) { RecordingHandler(journal) }
            }.futureResult
        }
        let peer = try await RawPeer.connect(to: server.port)
        peer.send(RawPeer.upgradeRequest)
        let answer = await peer.read(through: "\r\n\r\n")
        #expect(answer.contains("X-Session: 7\r\n"))
        #expect(await journal.next(2) == [.text("/path b localhost 127.0.0.1 false"), .connected])
        await peer.close()
        #expect(await server.finish())
    }

    @Test func aDecisionThatFailsIsAnInternalError() async throws {
        let server = try await start { _ in
        } accept: { _, loop in
            loop.makeFailedFuture(ChannelError.eof)
        }
        let peer = try await RawPeer.connect(to: server.port)
        peer.send(RawPeer.upgradeRequest)
        let answer = String(decoding: await peer.readToEnd(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 500 "))
        #expect(await server.finish())
    }

    @Test func randomBytesInsteadOfARequestDoNoHarm() async throws {
        let seed: UInt64 = 0xF00D_CAFE
        var random = SeededGenerator(seed: seed)
        let server = try await start()
        for _ in 0..<100 {
            let peer = try await RawPeer.connect(to: server.port)
            let count = Int.random(in: 1...400, using: &random)
            peer.send((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) })
            await peer.close()
        }
        let peer = try await RawPeer.connect(to: server.port)
        peer.send("GET /alive HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        let answer = String(decoding: await peer.readToEnd(), as: UTF8.self)
        #expect(answer.hasSuffix("GET /alive "), "seed \(seed)")
        #expect(await server.finish())
    }
}
