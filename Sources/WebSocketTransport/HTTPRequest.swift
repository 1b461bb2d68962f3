// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import NIOHTTP1

/// An HTTP/1.1 request: an upgrade to WebSocket, or a plain one with its body.
public struct HTTPRequest: Sendable {
    public let method: HTTPMethod

    /// The request target as it was sent, for example `/bot?connector=7`.
    public let target: String

    public let headers: HTTPHeaders

    /// Empty for an upgrade.
    public let body: ByteBuffer

    /// The other end of the TCP connection: a proxy, where one stands between.
    public let remoteAddress: SocketAddress?

    /// Whether the request came, or went, over TLS.
    public let isSecure: Bool

    public init(
        method: HTTPMethod = .GET, target: String, headers: HTTPHeaders = [:],
        body: ByteBuffer = ByteBuffer(), remoteAddress: SocketAddress? = nil,
        isSecure: Bool = false
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
        self.isSecure = isSecure
    }

    /// The target up to the query, still percent-encoded.
    public var path: String {
        String(target.prefix { $0 != "?" })
    }

    /// The target after the first `?`, still percent-encoded; `nil` without one.
    public var query: String? {
        target.firstIndex(of: "?").map { String(target[target.index(after: $0)...]) }
    }

    /// The decoded value of the first query parameter of that name; empty for a name without
    /// a value, `nil` when there is none or its encoding is broken.
    public func queryValue(_ name: String) -> String? {
        for parameter in (query ?? "").split(separator: "&") {
            let parts = parameter.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard Self.decode(parts[0]) == name else { continue }
            return parts.count == 2 ? Self.decode(parts[1]) : ""
        }
        return nil
    }

    /// The value of the header when it appears exactly once.
    public func soleHeader(_ name: String) -> String? {
        let values = headers[name]
        return values.count == 1 ? values[0] : nil
    }

    private static func decode(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexadecimal),
                    let low = rest.popFirst().flatMap(hexadecimal)
                else { return nil }
                bytes.append(high << 4 | low)
            default:
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
