// Sidetone
// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
import Testing

@testable import GRPCTransport

@Suite struct GRPCHealthTests {
    private func request(_ service: String) throws -> [UInt8] {
        try GRPCHealthCheckRequest.with { $0.service = service }.serializedBytes()
    }

    private func status(_ outcome: Outcome?) throws -> GRPCHealthCheckResponse.ServingStatus? {
        guard case .message(let octets) = outcome else { return nil }
        return try GRPCHealthCheckResponse(serializedBytes: octets).status
    }

    @Test(arguments: ["grpc.health.v1.Health", "test.other.v1.Health"])
    func checkTellsTheState(service: String) async throws {
        let health = GRPCHealth(services: ["test.Service"])
        let rig = try await Rig.start { router in
            health.register(in: &router)
            health.register(in: &router, as: "test.other.v1.Health")
        }
        for (isServing, expected) in [
            (true, GRPCHealthCheckResponse.ServingStatus.serving), (false, .notServing),
        ] {
            health.set(isServing: isServing)
            for name in ["", "test.Service"] {
                let call = try await TestCall.open(rig.client, "Check", service: service)
                try await call.send(try request(name), halfClose: true)
                let answer = await call.next()
                #expect(try status(answer) == expected)
                #expect(await call.status() == .ok)
            }
        }
        let unknown = try await TestCall.open(rig.client, "Check", service: service)
        try await unknown.send(try request("test.Nobody"), halfClose: true)
        #expect(await unknown.status()?.code == .notFound)
        #expect(try await rig.finish())
    }

    @Test func watchTellsEveryChangeOnce() async throws {
        let health = GRPCHealth(services: [])
        let rig = try await Rig.start { health.register(in: &$0) }
        let service = "grpc.health.v1.Health"
        let call = try await TestCall.open(rig.client, "Watch", service: service)
        try await call.send(try request(""), halfClose: true)
        let first = await call.next()
        #expect(try status(first) == .serving)
        health.set(isServing: false)
        let second = await call.next()
        #expect(try status(second) == .notServing)
        health.set(isServing: false)
        health.set(isServing: true)
        let third = await call.next()
        #expect(try status(third) == .serving)
        let unknown = try await TestCall.open(rig.client, "Watch", service: service)
        try await unknown.send(try request("test.Nobody"), halfClose: true)
        let told = await unknown.next()
        #expect(try status(told) == .serviceUnknown)
        #expect(try await rig.finish())
    }
}
