// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import NIOCore
import Synchronization
import SyntheticCallers
import WebSocketTransport

/// What the doubles saw, over all connections.
final class Seen: Sendable {
    let requests = Mutex<[HTTPRequest]>([])
    let texts = Mutex<[JSONValue]>([])
    let audio = Mutex<[[UInt8]]>([])
    let closes = Mutex<[WebSocketClose]>([])
    let events = Mutex<[TimelineEvent]>([])
}

/// A voice bot in thirty lines: greets, waits for half a second of speech and a silence, answers,
/// and disconnects when the answer has played.
final class GenesysDouble: WebSocketHandler {
    private let seen: Seen
    private var id: JSONValue = ""
    private var sequence = 0
    private var clientSequence: JSONValue = 0
    private var speech = 0
    private var hasAnswered = false
    private var audio = ByteBuffer()

    init(_ seen: Seen) {
        self.seen = seen
    }

    private func say(
        _ type: String, _ parameters: JSONValue, on connection: WebSocketConnection
    ) {
        sequence += 1
        let message: JSONValue = [
            "version": "2", "id": id, "type": .string(type), "seq": .number(Double(sequence)),
            "clientseq": clientSequence, "parameters": parameters,
        ]
        connection.send(text: message.serialized)
    }

    func received(text: ByteBuffer, on connection: WebSocketConnection) {
        guard let message = try? JSONValue.parse(Array(text.readableBytesView)) else { return }
        seen.texts.withLock { $0.append(message) }
        id = message["id"] ?? ""
        clientSequence = message["seq"] ?? 0
        switch message["type"]?.text {
        case "open":
            let media = message["parameters"]?["media"]?.elements?.first ?? .null
            say("opened", ["media": [media]], on: connection)
            connection.send(binary: TestVoices.botAudio(2400))
        case "ping": say("pong", [:], on: connection)
        case "playback_completed" where hasAnswered:
            say("disconnect", ["reason": "completed"], on: connection)
        case "close": say("closed", [:], on: connection)
        default: break
        }
    }

    func received(binary: ByteBuffer, on connection: WebSocketConnection) {
        audio.writeImmutableBuffer(binary)
        let codes = binary.readableBytesUInt8Span
        // One sample in sixteen is enough to tell speech from silence, and cheap in a debug build.
        var loud = 0
        for index in stride(from: 0, to: codes.count, by: 16) {
            if MuLaw.magnitude(codes[index]) > 40 { loud += 1 }
        }
        speech += loud
        guard speech > 60, loud == 0, !hasAnswered else { return }
        hasAnswered = true
        connection.send(binary: TestVoices.botAudio(2400))
    }

    func closed(_ connection: WebSocketConnection, _ close: WebSocketClose) {
        seen.closes.withLock { $0.append(close) }
        seen.audio.withLock { $0.append(Array(audio.readableBytesView)) }
    }
}

/// Accepts every stream and keeps what it is sent.
final class CXoneDouble: WebSocketHandler {
    private let seen: Seen
    private var audio = ByteBuffer()

    init(_ seen: Seen) {
        self.seen = seen
    }

    func received(text: ByteBuffer, on connection: WebSocketConnection) {
        let message = (try? JSONValue.parse(Array(text.readableBytesView))) ?? .null
        seen.texts.withLock { $0.append(message) }
        connection.send(text: CXoneScene.accepted)
    }

    func received(binary: ByteBuffer, on connection: WebSocketConnection) {
        audio.writeImmutableBuffer(binary)
    }

    func closed(_ connection: WebSocketConnection, _ close: WebSocketClose) {
        seen.closes.withLock { $0.append(close) }
        seen.audio.withLock { $0.append(Array(audio.readableBytesView)) }
    }
}

/// Hangs up as soon as the first message comes, which no platform allows.
final class RudeDouble: WebSocketHandler {
    init(_ seen: Seen) {}

    func received(text: ByteBuffer, on connection: WebSocketConnection) {
        connection.close(code: .goingAway)
    }

    func received(binary: ByteBuffer, on connection: WebSocketConnection) {}
    func closed(_ connection: WebSocketConnection, _ close: WebSocketClose) {}
}
