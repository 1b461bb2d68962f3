// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import NIOHTTP1

/// The answer to a plain HTTP request, or the refusal of an upgrade.
public struct HTTPResponse: Sendable {
    public var status: HTTPResponseStatus

    /// Headers beside `Content-Length` and `Connection`, which the server writes itself.
    public var headers: HTTPHeaders

    public var body: ByteBuffer

    public init(
        status: HTTPResponseStatus, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer()
    ) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A plain text answer.
    public static func text(_ status: HTTPResponseStatus, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: ByteBuffer(string: text))
    }

    /// 503 with when to come again, in whole seconds.
    public static func unavailable(_ text: String, retryAfterSeconds: Int) -> HTTPResponse {
        var response = Self.text(.serviceUnavailable, text)
        response.headers.add(name: "Retry-After", value: "\(retryAfterSeconds)")
        return response
    }
}

/// What becomes of a request to upgrade.
public enum UpgradeDecision: Sendable {
    /// Answer 101 with these headers added, then make the handler on the connection's event loop.
    ///
    /// The handler is made even when the peer left while the decision was taken; it then sees
    /// `connected` and `closed` at once, so what was reserved for the connection is released in
    /// one place.
    case accept(headers: HTTPHeaders = [:], handler: @Sendable () -> any WebSocketHandler)

    /// Answer with this instead and end the connection.
    case refuse(HTTPResponse)
}
