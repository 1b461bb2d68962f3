// Sidetone
// SPDX-License-Identifier: Apache-2.0

import JSON
import NIOCore
import NIOHTTP1
import Synchronization
import WebSocketTransport

/// A bot played by the test, behind a real WebSocket.
final class FarBot: Sendable {
    struct Heard {
        var texts: [String] = []
        var bytes: [UInt8] = []
        var connections = 0
        var headers: HTTPHeaders = [:]
    }

    /// Reacts to one message of type `type` on connection `number`, counted from 1.
    typealias React =
        @Sendable (
            _ type: String, _ message: JSONValue, _ connection: WebSocketConnection, _ number: Int
        ) -> Void

    private let heard = Mutex(Heard())
    private let react: React
    private let server = Mutex<WebSocketServer?>(nil)
    private let firstWords = Mutex<(@Sendable () -> [String])?>(nil)

    /// Said on each new connection.
    var greeting: (@Sendable () -> [String])? {
        get { firstWords.withLock { $0 } }
        set { firstWords.withLock { $0 = newValue } }
    }

    init(react: @escaping React) {
        self.react = react
    }

    /// - Parameter refusal: answers every request to connect, instead of a connection.
    func start(
        on group: any EventLoopGroup, refusal: HTTPResponseStatus? = nil
    ) async throws -> WebSocketURL {
        let started = try await WebSocketServer.start(group: group) { request, loop in
            self.heard.withLock { $0.headers = request.headers }
            if let refusal {
                self.heard.withLock { $0.connections += 1 }
                return loop.makeSucceededFuture(.refuse(.text(refusal, "no")))
            }
            let offered = request.headers["sec-websocket-protocol"].first
            return loop.makeSucceededFuture(
                .accept(headers: offered.map { ["Sec-WebSocket-Protocol": $0] } ?? [:]) {
                    FarBotConnection(self)
                })
        }
        server.withLock { $0 = started }
        return try WebSocketURL("ws://127.0.0.1:\(started.port)/bot")
    }

    func stop() async {
        await server.withLock { $0 }?.shutdown(within: .zero)
    }

    var all: Heard { heard.withLock { $0 } }

    /// The types of the messages so far.
    var types: [String] {
        all.texts.compactMap { (try? JSONValue(parsing: $0))?.object?["type"]?.string }
    }

    /// The messages of one type.
    func messages(_ type: String) -> [JSONObject] {
        all.texts.compactMap { (try? JSONValue(parsing: $0))?.object }
            .filter { $0["type"]?.string == type }
    }

    fileprivate func connected() -> Int {
        heard.withLock { heard in
            heard.connections += 1
            return heard.connections
        }
    }

    fileprivate func take(_ text: String, _ connection: WebSocketConnection, _ number: Int) {
        heard.withLock { $0.texts.append(text) }
        guard let value = try? JSONValue(parsing: text), let type = value.object?["type"]?.string
        else { return }
        react(type, value, connection, number)
    }

    fileprivate func take(_ bytes: ByteBuffer) {
        heard.withLock { $0.bytes += Array(bytes.readableBytesView) }
    }
}

private final class FarBotConnection: WebSocketHandler {
    private let bot: FarBot
    private var number = 0

    init(_ bot: FarBot) {
        self.bot = bot
    }

    func connected(_ connection: WebSocketConnection) {
        number = bot.connected()
        for text in bot.greeting?() ?? [] { connection.send(text: text) }
    }

    func received(text: ByteBuffer, on connection: WebSocketConnection) {
        bot.take(String(buffer: text), connection, number)
    }

    func received(binary: ByteBuffer, on connection: WebSocketConnection) {
        bot.take(binary)
    }

    func closed(_ connection: WebSocketConnection, _ close: WebSocketClose) {}
}
