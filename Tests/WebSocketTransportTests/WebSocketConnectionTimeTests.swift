// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import WebSocketTransport

/// What depends on time, and on the order of calls, on an embedded loop whose clock the test moves.
@Suite struct WebSocketConnectionTimeTests {
    private final class Log: WebSocketHandler {
        var closes: [WebSocketClose] = []
        var texts: [String] = []
        var isInCall = false
        var wasReentered = false
        var onText: ((WebSocketConnection) -> Void)?

        func received(text: ByteBuffer, on connection: WebSocketConnection) {
            texts.append(String(buffer: text))
            isInCall = true
            onText?(connection)
            isInCall = false
        }

        func received(binary: ByteBuffer, on connection: WebSocketConnection) {}

        func closed(_ connection: WebSocketConnection, _ close: WebSocketClose) {
            if isInCall { wasReentered = true }
            closes.append(close)
        }
    }

    private struct Bench {
        let channel = EmbeddedChannel()
        let log = Log()
        let connection: WebSocketConnection

        init(
            role: WebSocketConnection.Role = .server,
            limits configure: (inout WebSocketLimits) -> Void = { _ in }
        ) throws {
            var limits = WebSocketLimits()
            configure(&limits)
            connection = WebSocketConnection(
                eventLoop: channel.eventLoop, request: HTTPRequest(target: "/"), role: role,
                limits: limits, handler: log, reportFailure: { _ in })
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            try WebSocketChannelHandler.install(connection, in: channel.pipeline)
            connection.open()
        }

        func receive(_ bytes: [UInt8]) throws {
            try channel.writeInbound(ByteBuffer(bytes: bytes))
            channel.embeddedEventLoop.run()
        }

        func sent() throws -> [UInt8] {
            var bytes: [UInt8] = []
            while let part = try channel.readOutbound(as: ByteBuffer.self) {
                bytes += part.readableBytesView
            }
            return bytes
        }

        func advance(_ time: TimeAmount) {
            channel.embeddedEventLoop.advanceTime(by: time)
        }
    }

    @Test func messagesLeaveTogetherAtTheFlush() throws {
        let bench = try Bench()
        bench.connection.send(text: "a")
        bench.connection.send(binary: ByteBuffer(bytes: [1]))
        #expect(bench.connection.bufferedByteCount == 6)
        #expect(try bench.sent() == [])
        bench.connection.flush()
        let write = try #require(try bench.channel.readOutbound(as: ByteBuffer.self))
        #expect(Array(buffer: write) == [0x81, 1, 0x61, 0x82, 1, 1])
        #expect(try bench.sent() == [])
    }

    @Test func repliesToABurstLeaveInOneWrite() throws {
        let bench = try Bench()
        bench.log.onText = { $0.send(text: "r") }
        try bench.receive(
            clientFrame(0x81, [0x61]) + clientFrame(0x81, [0x62]) + clientFrame(0x89, [9]))
        let write = try #require(try bench.channel.readOutbound(as: ByteBuffer.self))
        #expect(Array(buffer: write) == [0x81, 1, 0x72, 0x81, 1, 0x72, 0x8A, 1, 9])
        #expect(try bench.sent() == [])
    }

    @Test func aFrameMayArriveByteByByte() throws {
        let bench = try Bench()
        for byte in clientFrame(0x81, Array("slow".utf8)) {
            try bench.receive([byte])
        }
        #expect(bench.log.texts == ["slow"])
    }

    @Test func ourCloseIsCleanWithThePeersAnswer() throws {
        let bench = try Bench()
        bench.connection.send(text: "last")
        bench.connection.close(code: .goingAway, reason: "drain")
        bench.connection.send(text: "too late")
        bench.connection.close(code: .normal)
        #expect(try bench.sent() == [0x81, 4] + Array("last".utf8) + closeFrame(1001, "drain"))
        try bench.receive(clientFrame(0x81, [0x61]) + clientFrame(0x88, [0x03, 0xE8]))
        #expect(bench.log.texts == [])
        #expect(
            bench.log.closes == [
                WebSocketClose(
                    code: .goingAway, reason: "drain", wasClean: true, initiator: .local)
            ])
        #expect(!bench.channel.isActive)
    }

    @Test func aPeerThatDoesNotAnswerOurCloseIsCutAtTheDeadline() throws {
        let bench = try Bench { $0.closeTimeout = .seconds(5) }
        bench.connection.close(code: .normal)
        bench.advance(.milliseconds(4999))
        #expect(bench.log.closes == [])
        #expect(bench.channel.isActive)
        bench.advance(.milliseconds(1))
        bench.channel.embeddedEventLoop.run()
        #expect(bench.log.closes.map(\.failure) == [.closeTimeout])
        #expect(!bench.channel.isActive)
    }

    @Test func aClientWaitsForTheServerToEndTheTransport() throws {
        let bench = try Bench(role: .client) { $0.closeTimeout = .seconds(5) }
        try bench.receive(closeFrame(1000))
        #expect(bench.log.closes.map(\.wasClean) == [true])
        #expect(bench.channel.isActive)
        bench.advance(.seconds(5))
        #expect(!bench.channel.isActive)
        #expect(bench.log.closes.count == 1)
    }

    @Test func aMaskedFrameOfAServerIsAViolation() throws {
        let bench = try Bench(role: .client)
        try bench.receive(clientFrame(0x81, [0x61]))
        #expect(bench.log.closes.map(\.failure) == [.violation(.maskedFrame)])
        let answer = try bench.sent()
        #expect(answer.first == 0x88)
        #expect(answer[1] & 0x80 == 0x80, "a client masks its Close too")
    }

    @Test func closedIsNeverReportedInsideACallOfTheHandler() throws {
        let bench = try Bench()
        bench.log.onText = { $0.abort() }
        try bench.receive(clientFrame(0x81, [0x61]) + clientFrame(0x81, [0x62]))
        #expect(bench.log.texts == ["a"])
        #expect(
            bench.log.closes == [
                WebSocketClose(code: .abnormal, wasClean: false, initiator: .local)
            ])
        #expect(!bench.log.wasReentered)
        #expect(!bench.channel.isActive)
    }

    @Test func aTransportErrorAndTheEndThatFollowsAreReportedOnce() throws {
        let bench = try Bench()
        bench.channel.pipeline.fireErrorCaught(ChannelError.inputClosed)
        bench.channel.embeddedEventLoop.run()
        #expect(bench.log.closes.count == 1)
        #expect(!bench.channel.isActive)
    }

    @Test func pingsGoOutAtTheIntervalWhileThePeerLives() throws {
        let bench = try Bench { $0.pingInterval = .seconds(10) }
        for _ in 0..<3 {
            bench.advance(.seconds(10))
            #expect(try bench.sent() == [0x89, 0])
            try bench.receive(clientFrame(0x8A))
        }
        #expect(bench.log.closes == [])
    }

    @Test func aPeerSilentForAWholeIntervalAfterAPingIsTakenForGone() throws {
        let bench = try Bench { $0.pingInterval = .seconds(10) }
        bench.advance(.seconds(10))
        bench.advance(.milliseconds(9999))
        #expect(bench.log.closes == [])
        bench.advance(.milliseconds(1))
        bench.channel.embeddedEventLoop.run()
        #expect(bench.log.closes.map(\.failure) == [.unresponsivePeer])
        #expect(!bench.channel.isActive)
    }

    @Test func aLongReasonIsCutBetweenCharacters() throws {
        let bench = try Bench()
        bench.connection.close(code: .normal, reason: String(repeating: "é", count: 100))
        let frame = try bench.sent()
        #expect(frame[1] == 2 + 122)
        #expect(String(validating: frame[4...], as: UTF8.self) != nil)
    }

    @Test func connectionAndHandlerAreFreedAfterTheEnd() throws {
        weak var connection: WebSocketConnection?
        weak var log: Log?
        do {
            let bench = try Bench { $0.pingInterval = .seconds(1) }
            connection = bench.connection
            log = bench.log
            bench.log.onText = { [held = bench.connection] _ in _ = held.isOpen }
            try bench.receive(clientFrame(0x81, [0x61]) + clientFrame(0x88, [0x03, 0xE8]))
            bench.log.onText = nil
            _ = try? bench.channel.finish()
        }
        #expect(connection == nil)
        #expect(log == nil)
    }
}
