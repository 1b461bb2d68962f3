// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket

/// The server's side of the opening handshake (RFC 6455 section 4.2), without its sockets.
enum UpgradeHandshake {
    /// Whether the request wants a WebSocket at all; if not, it is a plain request.
    static func isWanted(by head: HTTPRequestHead) -> Bool {
        head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
    }

    /// The answer to a request that wants a WebSocket in a form that cannot be served; `nil` for a
    /// correct one.
    static func refusal(of head: HTTPRequestHead) -> HTTPResponse? {
        guard head.method == .GET else {
            return HTTPResponse(status: .methodNotAllowed, headers: ["Allow": "GET"])
        }
        guard head.version == .http1_1 else {
            return .text(.badRequest, "An upgrade needs HTTP/1.1.\n")
        }
        let connectionTokens = head.headers[canonicalForm: "connection"]
        guard connectionTokens.contains(where: { $0.lowercased() == "upgrade" }) else {
            return .text(.badRequest, "The Connection header does not name the upgrade.\n")
        }
        guard head.headers["host"].count == 1 else {
            return .text(.badRequest, "Exactly one Host header is needed.\n")
        }
        guard head.headers["sec-websocket-version"] == ["13"] else {
            var response = HTTPResponse.text(.upgradeRequired, "WebSocket version 13 is needed.\n")
            response.headers.add(name: "Upgrade", value: "websocket")
            response.headers.add(name: "Sec-WebSocket-Version", value: "13")
            return response
        }
        let keys = head.headers["sec-websocket-key"]
        guard keys.count == 1, isKey(keys[0]) else {
            return .text(.badRequest, "Sec-WebSocket-Key must be 16 bytes in base64, once.\n")
        }
        return nil
    }

    /// The headers of the 101 answer to a correct request, the given ones among them.
    static func responseHeaders(
        to head: HTTPRequestHead, adding headers: HTTPHeaders, on channel: any Channel
    ) -> EventLoopFuture<HTTPHeaders> {
        NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(headers) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }
        ).buildUpgradeResponse(
            channel: channel, upgradeRequest: head, initialResponseHeaders: [:])
    }

    /// 16 bytes in base64: 22 characters and two of padding.
    private static func isKey(_ key: String) -> Bool {
        let bytes = key.utf8
        guard bytes.count == 24, key.hasSuffix("==") else { return false }
        return bytes.prefix(22).allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                true
            default:
                false
            }
        }
    }
}
