// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRPCTransport
import NIOCore
import NIOPosix

// Both ends of the conformance checks and of the interoperation: README.md, one folder up.
//
//   grpc-echo [--threads N] [--tls CERTIFICATE KEY [--client-ca AUTHORITY]]
//   grpc-echo --client PORT SCENARIO [--tls-ca AUTHORITY [--tls CERTIFICATE KEY]]
//
// The server prints its port; SIGTERM drains it.

let options: EchoOptions
do {
    options = try EchoOptions(CommandLine.arguments.dropFirst())
} catch {
    print("grpc-echo: \(error)")
    exit(2)
}

if let client = options.client {
    exit(await runScenario(client, options))
}

let termination = Termination()
var configuration = GRPCServer.Configuration()
configuration.tls = try options.serverTLS()
var router = GRPCRouter()
EchoService().register(in: &router)
let health = GRPCHealth(services: [EchoService.name])
health.register(in: &router)
health.set(isServing: true)
let server = try await GRPCServer.start(
    configuration, router: router,
    group: options.threads.map { MultiThreadedEventLoopGroup(numberOfThreads: $0) }
        ?? MultiThreadedEventLoopGroup.singleton)
print(server.port)
fflush(nil)
await termination.wait()
await server.shutdown(within: .seconds(20))
