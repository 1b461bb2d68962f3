// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing
import WebSocketTransport

/// One connection over a real socket, the peer being plain bytes.
@Suite struct WebSocketConnectionTests {
    @Test func aMessageInFragmentsIsDeliveredOnceAndAPingBetweenIsAnsweredFirst() async throws {
        let journal = Journal()
        let server = try await startEchoServer(journal)
        let peer = try await RawPeer.upgraded(to: server.port)
        // The two bytes of "é" are in different fragments.
        peer.send(clientFrame(0x01, [0x61, 0xC3]))
        peer.send(clientFrame(0x89, [7, 8]))
        peer.send(clientFrame(0x00, []))
        peer.send(clientFrame(0x80, [0xA9]))
        let expected: [UInt8] = [0x8A, 2, 7, 8, 0x81, 3, 0x61, 0xC3, 0xA9]
        #expect(await peer.read(expected.count) == expected)
        #expect(await journal.next(2) == [.connected, .text("aé")])
        await peer.close()
        #expect(await server.finish())
    }

    @Test func framesInTheSamePacketAsTheUpgradeAreNotLost() async throws {
        let journal = Journal()
        let server = try await startEchoServer(journal)
        let peer = try await RawPeer.connect(to: server.port)
        peer.send(Array(RawPeer.upgradeRequest.utf8) + clientFrame(0x81, Array("early".utf8)))
        let answer = await peer.read(through: "early")
        #expect(answer.hasPrefix("HTTP/1.1 101 "))
        #expect(answer.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        #expect(!answer.lowercased().contains("sec-websocket-extensions"))
        await peer.close()
        #expect(await server.finish())
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let violation: WebSocketViolation
        let name: String
        let bytes: [UInt8]
        var testDescription: String { "\(violation) \(name)" }
    }

    static let violations: [Case] = [
        .init(violation: .reservedBits, name: "1", bytes: clientFrame(0xC1, [0x61])),
        .init(violation: .reservedBits, name: "3", bytes: clientFrame(0x92, [0x61])),
        .init(violation: .reservedBits, name: "of a close", bytes: clientFrame(0xA8, [3, 0xE8])),
        .init(violation: .reservedOpcode, name: "data", bytes: clientFrame(0x83, [0x61])),
        .init(violation: .reservedOpcode, name: "control", bytes: clientFrame(0x8B)),
        .init(
            violation: .unmaskedFrame, name: "text",
            bytes: clientFrame(0x81, [0x61], isMasked: false)),
        .init(
            violation: .unmaskedFrame, name: "close", bytes: clientFrame(0x88, isMasked: false)),
        .init(violation: .fragmentedControlFrame, name: "ping", bytes: clientFrame(0x09)),
        .init(
            violation: .oversizeControlFrame, name: "ping",
            bytes: clientFrame(0x89, .init(repeating: 0, count: 126))),
        .init(violation: .unexpectedContinuation, name: "last", bytes: clientFrame(0x80, [1])),
        .init(
            violation: .unexpectedContinuation, name: "after a message",
            bytes: clientFrame(0x02, [1]) + clientFrame(0x80, [2]) + clientFrame(0x80, [3])),
        .init(
            violation: .interruptedMessage, name: "by text",
            bytes: clientFrame(0x02, [1]) + clientFrame(0x81, [0x61])),
        .init(
            violation: .oversizeMessage, name: "in one frame",
            bytes: clientFrame(0x82, .init(repeating: 0, count: 1001))),
        .init(
            violation: .oversizeMessage, name: "announced as 2^63",
            bytes: [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0]),
        .init(
            violation: .oversizeMessage, name: "announced as 1 TiB",
            bytes: [0x82, 0xFF, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4]),
        .init(
            violation: .oversizeMessage, name: "in fragments",
            bytes: clientFrame(0x02, .init(repeating: 0, count: 600))
                + clientFrame(0x80, .init(repeating: 0, count: 401))),
        .init(violation: .invalidUTF8, name: "in one frame", bytes: clientFrame(0x81, [0xFF])),
        .init(
            violation: .invalidUTF8, name: "in a fragment before the last",
            bytes: clientFrame(0x01, [0xF4]) + clientFrame(0x00, [0x90])),
        .init(violation: .invalidUTF8, name: "cut off", bytes: clientFrame(0x81, [0xE2, 0x82])),
        .init(
            violation: .invalidUTF8, name: "in a close reason",
            bytes: clientFrame(0x88, [0x03, 0xE8, 0xC0])),
        .init(violation: .invalidClose, name: "of one byte", bytes: clientFrame(0x88, [3])),
    ]

    @Test(arguments: violations)
    func aViolationIsToldToThePeerCountedAndReportedOnce(_ test: Case) async throws {
        let journal = Journal()
        let server = try await startEchoServer(journal) { $0.limits.maximumMessageBytes = 1000 }
        let peer = try await RawPeer.upgraded(to: server.port)
        peer.send(test.bytes)
        let answer = await peer.readToEnd()
        let code = test.violation.closeCode
        let close = closeFrame(code.rawValue, test.violation.rawValue)
        #expect(Array(answer.suffix(close.count)) == close)
        await peer.close()
        let seen = try await journal.untilClosed()
        #expect(
            seen.soleClose
                == WebSocketClose(
                    code: code, reason: test.violation.rawValue, wasClean: false,
                    initiator: .local, failure: .violation(test.violation)))
        #expect(server.counters.violations == [test.violation: 1])
        #expect(await server.finish())
    }

    @Test(
        arguments: [1000, 1001, 1002, 1003, 1007, 1010, 1014, 3000, 3999, 4000, 4999] as [UInt16])
    func aGoodCloseCodeIsEchoed(_ code: UInt16) async throws {
        let journal = Journal()
        let server = try await startEchoServer(journal)
        let peer = try await RawPeer.upgraded(to: server.port)
        peer.send(clientFrame(0x88, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array("bye".utf8)))
        #expect(await peer.readToEnd() == closeFrame(code))
        let seen = try await journal.untilClosed()
        #expect(
            seen.soleClose
                == WebSocketClose(
                    code: .init(rawValue: code), reason: "bye", wasClean: true, initiator: .peer))
        #expect(await server.finish())
    }

    @Test(
        arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]
            as [UInt16])
    func aCloseCodeThatMustNotBeSentIsAViolation(_ code: UInt16) async throws {
        let journal = Journal()
        let server = try await startEchoServer(journal)
        let peer = try await RawPeer.upgraded(to: server.port)
        peer.send(clientFrame(0x88, [UInt8(code >> 8), UInt8(code & 0xFF)]))
        #expect(await peer.readToEnd() == closeFrame(1002, "invalidClose"))
        await peer.close()
        let seen = try await journal.untilClosed()
        #expect(seen.soleClose?.failure == .violation(.invalidClose))
        #expect(await server.finish())
    }

    @Test func aCloseWithoutACodeIsAnsweredWithoutOne() async throws {
        let journal = Journal()
        let server = try await startEchoServer(journal)
        let peer = try await RawPeer.upgraded(to: server.port)
        peer.send(clientFrame(0x88))
        #expect(await peer.readToEnd() == [0x88, 0])
        let seen = try await journal.untilClosed()
        #expect(
            seen.soleClose == WebSocketClose(code: .noStatus, wasClean: true, initiator: .peer))
        #expect(await server.finish())
    }

    @Test func whatFollowsACloseIsIgnored() async throws {
        let journal = Journal()
        let server = try await startEchoServer(journal)
        let peer = try await RawPeer.upgraded(to: server.port)
        peer.send(
            clientFrame(0x88, [0x03, 0xE8]) + clientFrame(0x81, Array("late".utf8))
                + clientFrame(0x83))
        let seen = try await journal.untilClosed()
        #expect(seen.count == 2)
        #expect(seen.soleClose?.wasClean == true)
        #expect(server.counters.violations.isEmpty)
        #expect(await server.finish())
    }

    @Test func aPeerThatKeepsSendingAfterAViolationIsCutAtTheDeadline() async throws {
        let journal = Journal()
        let server = try await startEchoServer(journal) {
            $0.limits.closeTimeout = .milliseconds(50)
        }
        let peer = try await RawPeer.connect(to: server.port, keepsSending: true)
        peer.send(Array(RawPeer.upgradeRequest.utf8) + clientFrame(0xC1))
        #expect(await peer.readToEnd().suffix(16) == closeFrame(1002, "reservedBits")[...])
        // Its side of the connection is open: only the server's deadline ends it.
        while peer.channel.isActive {
            try? await peer.channel.writeAndFlush(ByteBuffer(bytes: clientFrame(0x81, [0x61])))
                .get()
        }
        #expect(try await journal.untilClosed().count == 2)
        #expect(await server.finish())
    }

    @Test func aPeerThatVanishesIsReportedOnce() async throws {
        let journal = Journal()
        let server = try await startEchoServer(journal)
        let peer = try await RawPeer.upgraded(to: server.port)
        peer.send(clientFrame(0x01, [0x61]))
        await peer.close()
        let close = try #require(try await journal.untilClosed().soleClose)
        #expect(close.code == .abnormal)
        #expect(close.initiator == .peer)
        #expect(!close.wasClean)
        #expect(await server.finish())
        #expect(server.counters.connectionsLost == 1)
    }

    @Test func aPeerThatDoesNotReadIsCutAtTheLimit() async throws {
        let journal = Journal()
        var configuration = WebSocketServer.Configuration()
        configuration.limits.maximumBufferedBytes = 100_000
        let server = try await WebSocketServer.start(configuration, group: testGroup) { _, loop in
            loop.makeSucceededFuture(
                .accept {
                    RecordingHandler(journal) { connection in
                        let block = ByteBuffer(repeating: 0, count: 10_000)
                        var most = 0
                        while connection.isOpen {
                            connection.send(binary: block)
                            connection.flush()
                            most = max(most, connection.bufferedByteCount)
                        }
                        journal.write(.text("\(most <= 110_010)"))
                    }
                })
        }
        let peer = try await RawPeer.connect(to: server.port, reads: false)
        peer.send(RawPeer.upgradeRequest)
        let seen = try await journal.untilClosed()
        #expect(seen.contains(.text("true")))
        #expect(seen.soleClose?.failure == .slowReader)
        #expect(seen.soleClose?.code == .policyViolation)
        #expect(server.counters.slowReaders == 1)
        await peer.close()
        #expect(await server.finish())
    }

    /// What a reader that stopped is sent before it is cut: the limit, what the system was asked
    /// to hold (twice that), and what the reader's own system took in before its window closed.
    @Test func theSystemHoldsLittleForAReaderThatStops() async throws {
        let journal = Journal()
        var configuration = WebSocketServer.Configuration()
        configuration.limits.maximumBufferedBytes = 100_000
        let limits = configuration.limits
        let server = try await WebSocketServer.start(configuration, group: testGroup) { _, loop in
            loop.makeSucceededFuture(
                .accept { RecordingHandler(journal) { talk(on: $0, 0, journal) } })
        }
        let peer = try await RawPeer.connect(to: server.port, reads: false)
        peer.send(RawPeer.upgradeRequest)
        let seen = try await journal.untilClosed()
        #expect(seen.soleClose?.failure == .slowReader)
        let sent = seen.compactMap { if case .text(let text) = $0 { Int(text) } else { nil } }.max()
        let windows = 512 * 1024
        #expect(
            try #require(sent)
                <= limits.maximumBufferedBytes + 2 * limits.systemBufferBytes + windows)
        await peer.close()
        #expect(await server.finish())
    }

    @Test func randomBytesAfterTheUpgradeEndTheConnectionAndNotTheServer() async throws {
        let seed: UInt64 = 0x0DD_B17E5
        var random = SeededGenerator(seed: seed)
        let server = try await startEchoServer { $0.limits.closeTimeout = .milliseconds(200) }
        for _ in 0..<100 {
            let peer = try await RawPeer.upgraded(to: server.port)
            let count = Int.random(in: 1...300, using: &random)
            peer.send((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) })
            await peer.close()
        }
        let peer = try await RawPeer.upgraded(to: server.port)
        peer.send(clientFrame(0x81, Array("still here".utf8)))
        #expect(await peer.read(through: "still here").hasSuffix("still here"), "seed \(seed)")
        await peer.close()
        #expect(await server.finish())
    }
}

/// Sends 20 KB every millisecond, so that the kernel could let its buffers grow, and writes down how
/// much that makes.
private func talk(on connection: WebSocketConnection, _ sent: Int, _ journal: Journal) {
    guard connection.isOpen else { return }
    let block = ByteBuffer(repeating: 0, count: 20_000)
    connection.send(binary: block)
    connection.flush()
    let total = sent + block.readableBytes
    journal.write(.text("\(total)"))
    connection.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(1)) {
        talk(on: connection, total, journal)
    }
}
