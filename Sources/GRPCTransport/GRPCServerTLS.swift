// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOSSL

/// Why TLS could not be set up.
public struct GRPCTLSError: Error, CustomStringConvertible {
    public let description: String
}

/// What a server shows and asks for in TLS (1.2 or newer, ALPN `h2`), ready for use.
public struct GRPCServerTLS: Sendable {
    let context: NIOSSLContext

    /// - Parameters:
    ///   - certificateChain: PEM, the server's own certificate first.
    ///   - privateKey: PEM, not encrypted.
    ///   - clientAuthorities: PEM. Where given, a client must show a certificate that one of them
    ///     signed; ``GRPCPeer/certificate`` then holds it. Its names are the services' to check.
    /// - Throws: ``GRPCTLSError`` when one cannot be read, or they do not belong together.
    public init(
        certificateChain: String, privateKey: String, clientAuthorities: String? = nil
    ) throws(GRPCTLSError) {
        do {
            let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificateChain.utf8))
            let key = try NIOSSLPrivateKey(bytes: Array(privateKey.utf8), format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.applicationProtocols = ["h2"]
            configuration.minimumTLSVersion = .tlsv12
            configuration.shutdownTimeout = .seconds(1)
            if let clientAuthorities {
                configuration.trustRoots = .certificates(
                    try NIOSSLCertificate.fromPEMBytes(Array(clientAuthorities.utf8)))
                configuration.certificateVerification = .noHostnameVerification
            }
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw GRPCTLSError(description: "TLS identity: \(error)")
        }
    }
}
