// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOSSL
import Testing

@testable import GRPCTransport

@Suite struct GRPCServerTLSTests {
    private func serverTLS(authorities: String? = nil) throws -> GRPCServerTLS {
        try GRPCServerTLS(
            certificateChain: TestIdentity.certificate, privateKey: TestIdentity.privateKey,
            clientAuthorities: authorities)
    }

    @Test func callsOverTLS() async throws {
        let rig = try await Rig.start(
            tls: try serverTLS(),
            clientTLS: try GRPCClientTLS(trust: .authorities(TestIdentity.certificate))
        ) { $0.handle("Echo") { TestHandler() } }
        let call = try await rig.open("Echo")
        let message = [UInt8](repeating: 3, count: 200_000)
        try await call.send(message, halfClose: true)
        #expect(await call.next() == .message(message))
        #expect(await call.status() == .ok)
        #expect(try await rig.finish())
    }

    @Test func aClientThatDoesNotTrustTheServerIsCounted() async throws {
        var configuration = GRPCServer.Configuration()
        configuration.tls = try serverTLS()
        let server = try await GRPCServer.start(
            configuration, router: GRPCRouter(), group: testGroup)
        let distrust = try GRPCClientTLS()
        await #expect(throws: (any Error).self) {
            _ = try await Rig.connect(to: server, tls: distrust)
        }
        await server.shutdown(within: .seconds(5))
        #expect(server.counters.tlsFailures == 1)
    }

    @Test func aRequiredClientCertificateReachesTheService() async throws {
        let certificates = Journal.Box<[UInt8]?>()
        let tls = try serverTLS(authorities: TestIdentity.certificate)
        let with = try GRPCClientTLS(
            trust: .anyone, certificateChain: TestIdentity.certificate,
            privateKey: TestIdentity.privateKey)
        let rig = try await Rig.start(tls: tls, clientTLS: with) { router in
            router.add(service: "test.Service", method: "Who") { head, eventLoop in
                certificates.put(head.peer.certificate)
                return eventLoop.makeSucceededFuture(.accept { TestHandler() })
            }
        }
        let call = try await rig.open("Who")
        try await call.send(halfClose: true)
        #expect(await call.status() == .ok)
        let certificate = try #require(await certificates.get())
        let shown = try NIOSSLCertificate.fromPEMBytes(Array(TestIdentity.certificate.utf8))
        let expected = try #require(shown.first).toDERBytes()
        #expect(certificate == expected)
        let without = try GRPCClientTLS(trust: .anyone)
        await #expect(throws: (any Error).self) {
            _ = try await Rig.connect(to: rig.server, tls: without)
        }
        #expect(try await rig.finish())
    }

    @Test func newConnectionsSeeANewIdentity() async throws {
        let rig = try await Rig.start(
            tls: try serverTLS(), clientTLS: try GRPCClientTLS(trust: .anyone)
        ) { $0.handle("Echo") { TestHandler() } }
        // The new identity asks for a certificate, which tells the two apart.
        rig.server.replaceTLS(try serverTLS(authorities: TestIdentity.certificate))
        let without = try GRPCClientTLS(trust: .anyone)
        await #expect(throws: (any Error).self) {
            _ = try await Rig.connect(to: rig.server, tls: without)
        }
        let call = try await rig.open("Echo")
        try await call.send([1], halfClose: true)
        #expect(await call.status() == .ok)
        #expect(try await rig.finish())
    }

    @Test func whatCannotBeReadIsSaid() {
        #expect(throws: GRPCTLSError.self) {
            _ = try GRPCServerTLS(certificateChain: "no", privateKey: TestIdentity.privateKey)
        }
        #expect(throws: GRPCTLSError.self) {
            _ = try GRPCClientTLS(trust: .authorities("no"))
        }
    }
}
