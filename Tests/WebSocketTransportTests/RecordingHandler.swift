// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import WebSocketTransport

/// What a handler saw, in order.
enum Seen: Equatable, Sendable {
    case connected
    case text(String)
    case binary([UInt8])
    case closed(WebSocketClose)
}

/// Writes down everything it is told, and echoes messages when asked to.
final class RecordingHandler: WebSocketHandler {
    let journal: Journal
    let echoes: Bool
    let onConnected: (@Sendable (WebSocketConnection) -> Void)?

    init(
        _ journal: Journal, echoes: Bool = false,
        onConnected: (@Sendable (WebSocketConnection) -> Void)? = nil
    ) {
        self.journal = journal
        self.echoes = echoes
        self.onConnected = onConnected
    }

    func connected(_ connection: WebSocketConnection) {
        journal.write(.connected)
        onConnected?(connection)
    }

    func received(text: ByteBuffer, on connection: WebSocketConnection) {
        journal.write(.text(String(buffer: text)))
        if echoes { connection.send(text: text) }
    }

    func received(binary: ByteBuffer, on connection: WebSocketConnection) {
        journal.write(.binary(Array(buffer: binary)))
        if echoes { connection.send(binary: binary) }
    }

    func closed(_ connection: WebSocketConnection, _ close: WebSocketClose) {
        journal.write(.closed(close))
    }
}

/// Carries what handlers saw from their loop to the test.
struct Journal: Sendable {
    private let stream: AsyncStream<Seen>
    private let continuation: AsyncStream<Seen>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func write(_ seen: Seen) {
        continuation.yield(seen)
    }

    /// Everything up to and with the first `closed`, then whatever follows it until every loop has
    /// run once more: a second `closed` would show.
    func untilClosed() async throws -> [Seen] {
        var all: [Seen] = []
        for await seen in stream {
            all.append(seen)
            if case .closed = seen { break }
        }
        for loop in testGroup.makeIterator() { try await loop.submit {}.get() }
        continuation.finish()
        for await seen in stream { all.append(seen) }
        return all
    }

    /// The next entries, as many as asked for.
    func next(_ count: Int) async -> [Seen] {
        var entries: [Seen] = []
        for await seen in stream {
            entries.append(seen)
            if entries.count == count { break }
        }
        return entries
    }
}

extension [Seen] {
    /// The one `closed` among the entries; `nil` when there are more or none.
    var soleClose: WebSocketClose? {
        let closes = compactMap { if case .closed(let close) = $0 { close } else { nil } }
        return closes.count == 1 ? closes[0] : nil
    }
}
