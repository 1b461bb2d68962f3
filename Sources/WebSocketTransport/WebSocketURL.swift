// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Where a WebSocket server is: a `ws` or `wss` URI (RFC 6455 section 3).
public struct WebSocketURL: Hashable, Sendable, CustomStringConvertible {
    /// Whether the scheme is `wss`.
    public let isSecure: Bool

    /// A name or an address; an IPv6 address without its brackets.
    public let host: String

    /// The port, 80 or 443 when the text names none.
    public let port: Int

    /// The path and the query as they go into the request, at least `/`.
    public let target: String

    /// - Throws: ``WebSocketClientError/invalidURL(_:)`` with what is wrong.
    public init(_ text: String) throws(WebSocketClientError) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalidURL("\(text): only visible ASCII characters are allowed")
        }
        let scheme = text.prefix { $0 != ":" }.lowercased()
        guard scheme == "ws" || scheme == "wss",
            text.dropFirst(scheme.count).hasPrefix("://")
        else { throw .invalidURL("\(text): it must begin with ws:// or wss://") }
        isSecure = scheme == "wss"
        let rest = text.dropFirst(scheme.count + 3)
        guard !rest.contains("#") else {
            throw .invalidURL("\(text): a fragment is not allowed")
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else {
            throw .invalidURL("\(text): a user name is not allowed")
        }
        let tail = rest.dropFirst(authority.count)
        target = tail.hasPrefix("/") ? String(tail) : "/" + tail

        let portText: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else {
                throw .invalidURL("\(text): the address has no closing bracket")
            }
            host = String(authority[authority.index(after: authority.startIndex)..<end])
            let after = authority[authority.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else {
                throw .invalidURL("\(text): a port must follow the address after a colon")
            }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else {
            let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else {
                throw .invalidURL("\(text): an IPv6 address needs brackets")
            }
            host = String(parts.first ?? "")
            portText = parts.count == 2 ? parts[1] : nil
        }
        guard !host.isEmpty else { throw .invalidURL("\(text): the host is missing") }
        if let portText {
            guard let number = UInt16(portText), number > 0 else {
                throw .invalidURL("\(text): the port must be 1 to 65535")
            }
            port = Int(number)
        } else {
            port = isSecure ? 443 : 80
        }
    }

    /// The host as it stands in a URI or a Host header, with the port unless it is the scheme's.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    public var description: String {
        "\(isSecure ? "wss" : "ws")://\(authority)\(target)"
    }
}
