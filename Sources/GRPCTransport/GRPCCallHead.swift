// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// Who is at the other end of a connection.
public struct GRPCPeer: Sendable {
    /// Its address and port as text.
    public let address: String
    /// The certificate it showed, in DER, its chain verified; nil where none was asked for.
    public let certificate: [UInt8]?
}

/// What is known of a call before its first message.
public struct GRPCCallHead: Sendable {
    /// With its package, such as `grpc.health.v1.Health`.
    public let service: String
    public let method: String
    public let metadata: GRPCMetadata
    /// How long the client waits; nil as long as it takes.
    public let timeout: TimeAmount?
    public let peer: GRPCPeer
}

/// Why a request is not taken up.
enum GRPCHeadRefusal: Error, Hashable {
    /// Answered by HTTP: whoever sent it does not speak gRPC.
    case http(status: Int)
    case grpc(GRPCStatus)
}

extension GRPCCallHead {
    /// Reads the block that opened a stream ("Requests", gRPC over HTTP2).
    init(_ fields: [HTTP2Field], peer: GRPCPeer) throws(GRPCHeadRefusal) {
        var path = ""
        var method = ""
        var contentType: String?
        var timeout: TimeAmount?
        for field in fields {
            switch field.name {
            case ":method": method = field.value
            case ":path": path = field.value
            case "content-type": contentType = field.value
            case "grpc-timeout":
                guard let amount = GRPCTimeout.parse(field.value) else {
                    throw .grpc(GRPCStatus(.internalError, "grpc-timeout is no timeout"))
                }
                timeout = amount
            default: break
            }
        }
        guard method == "POST" else { throw .http(status: 405) }
        guard let contentType, Self.isGRPC(contentType) else { throw .http(status: 415) }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty, !parts[1].isEmpty, !parts[2].isEmpty else {
            throw .grpc(GRPCStatus(.unimplemented, "the path is not /service/method"))
        }
        service = String(parts[1])
        self.method = String(parts[2])
        metadata = GRPCMetadata(fields)
        self.timeout = timeout
        self.peer = peer
    }

    static func isGRPC(_ contentType: String) -> Bool {
        let name = "application/grpc"
        guard contentType.lowercased().hasPrefix(name) else { return false }
        return switch contentType.utf8.dropFirst(name.utf8.count).first {
        case nil, UInt8(ascii: "+"), UInt8(ascii: ";"), UInt8(ascii: " "): true
        default: false
        }
    }
}
