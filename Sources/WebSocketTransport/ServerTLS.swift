// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOSSL

/// The certificate chain and the private key a server shows, ready for use.
public struct ServerTLS: Sendable {
    let context: NIOSSLContext

    /// - Parameters:
    ///   - certificateChain: PEM, the server's own certificate first.
    ///   - privateKey: PEM, not encrypted.
    /// - Throws: ``TLSError`` when either cannot be read, or they do not belong together.
    public init(certificateChain: String, privateKey: String) throws(TLSError) {
        do {
            let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificateChain.utf8))
            let key = try NIOSSLPrivateKey(bytes: Array(privateKey.utf8), format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.applicationProtocols = ["http/1.1"]
            configuration.shutdownTimeout = .seconds(1)
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw TLSError(description: "TLS identity: \(error)")
        }
    }
}

/// Why TLS could not be set up.
public struct TLSError: Error, CustomStringConvertible {
    public let description: String
}
