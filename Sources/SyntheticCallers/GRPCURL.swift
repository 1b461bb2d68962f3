// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Where a gRPC server listens: `grpc://host:port`, or `grpcs://host:port` for TLS.
public struct GRPCURL: Hashable, Sendable, CustomStringConvertible {
    /// Why a text is no such address.
    public enum Unusable: Error, Hashable, Sendable {
        case scheme
        case host
        case port
        /// gRPC names no path: the service does.
        case path
    }

    public let isSecure: Bool
    /// A name or address; an IPv6 address without its brackets.
    public let host: String
    public let port: Int

    /// - Parameter text: without a port it is 80, with TLS 443.
    public init(_ text: String) throws(Unusable) {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, ["grpc", "grpcs"].contains(parts[0]) else { throw .scheme }
        isSecure = parts[0] == "grpcs"
        var rest = parts[1]
        if rest.last == "/" { rest.removeLast() }
        guard !rest.contains(where: { "/?#@".contains($0) }) else { throw .path }
        // The last colon is the port's, unless it stands inside the brackets of an IPv6 address.
        let colon = rest.lastIndex(of: ":").flatMap { index in
            rest[index...].contains("]") ? nil : index
        }
        var name = colon.map { rest[..<$0] } ?? rest
        if name.first == "[", name.last == "]" { name = name.dropFirst().dropLast() }
        guard !name.isEmpty else { throw .host }
        host = String(name)
        guard let colon else {
            port = isSecure ? 443 : 80
            return
        }
        guard let number = UInt16(rest[rest.index(after: colon)...]), number > 0 else {
            throw .port
        }
        port = Int(number)
    }

    public var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(isSecure ? "grpcs" : "grpc")://\(name):\(port)"
    }
}
