// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRPCTransport
internal import WebSocketTransport

/// What the server shows in TLS, and what it asks for, as texts in PEM.
struct ServerIdentity: Sendable {
    private let certificateChain: String
    private let privateKey: String
    /// Who must have signed the certificates of gRPC clients; nil: none is asked for.
    private let clientAuthorities: String?

    /// Reads the files.
    init(_ files: ServerConfiguration.TLS, clientAuthorities: String?) throws {
        certificateChain = try String(contentsOfFile: files.certificate, encoding: .utf8)
        privateKey = try String(contentsOfFile: files.privateKey, encoding: .utf8)
        self.clientAuthorities = try clientAuthorities.map {
            try String(contentsOfFile: $0, encoding: .utf8)
        }
    }

    func webSocketTLS() throws -> ServerTLS {
        try ServerTLS(certificateChain: certificateChain, privateKey: privateKey)
    }

    func grpcTLS() throws -> GRPCServerTLS {
        try GRPCServerTLS(
            certificateChain: certificateChain, privateKey: privateKey,
            clientAuthorities: clientAuthorities)
    }
}
