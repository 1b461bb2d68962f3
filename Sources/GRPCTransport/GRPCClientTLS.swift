// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOSSL

/// How a client checks a server, and what it shows when asked, ready for use.
public struct GRPCClientTLS: Sendable {
    /// Whose signature on the server's certificate counts.
    public enum Trust: Sendable {
        /// The authorities this system trusts.
        case system
        /// These alone, in PEM.
        case authorities(String)
        /// Anyone's, for any name: for tests on loopback.
        case anyone
    }

    let context: NIOSSLContext

    /// - Parameters:
    ///   - certificateChain: PEM, the client's own certificate first, for servers that ask for one.
    ///   - privateKey: PEM, not encrypted; goes with the chain.
    /// - Throws: ``GRPCTLSError`` when one of them cannot be read.
    public init(
        trust: Trust = .system, certificateChain: String? = nil, privateKey: String? = nil
    ) throws(GRPCTLSError) {
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.applicationProtocols = ["h2"]
            configuration.minimumTLSVersion = .tlsv12
            configuration.shutdownTimeout = .seconds(1)
            switch trust {
            case .system:
                break
            case .authorities(let pem):
                configuration.trustRoots = .certificates(
                    try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)))
            case .anyone:
                configuration.certificateVerification = .none
            }
            if let certificateChain {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(
                    Array(certificateChain.utf8)
                ).map { .certificate($0) }
            }
            if let privateKey {
                configuration.privateKey = .privateKey(
                    try NIOSSLPrivateKey(bytes: Array(privateKey.utf8), format: .pem))
            }
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw GRPCTLSError(description: "TLS client: \(error)")
        }
    }
}
