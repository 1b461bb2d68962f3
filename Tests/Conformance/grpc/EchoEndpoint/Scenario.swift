// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRPCTransport
import NIOCore
import NIOPosix

/// What a scenario found wrong.
struct Surprise: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

func expect<Value: Equatable>(_ found: Value, _ wanted: Value, _ what: String) throws {
    guard found != wanted else { return }
    throw Surprise("\(what): expected \(wanted), got \(found)")
}

/// Tells whoever started the client, at once.
func announce(_ line: String) {
    print(line)
    fflush(nil)
}

/// A client on its own event loop; the actor runs there.
actor Scenario {
    private let loop: any EventLoop
    let port: Int
    let tls: GRPCClientTLS?
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.executor.asUnownedSerialExecutor()
    }

    init(port: Int, tls: GRPCClientTLS?, on eventLoop: any EventLoop) {
        self.port = port
        self.tls = tls
        loop = eventLoop
    }

    func connect() async throws -> GRPCClient {
        try await GRPCClient.connect(
            GRPCClient.Target(host: "localhost", port: port), tls: tls, on: loop
        ).get()
    }

    /// Opens a call and sends its first messages.
    func open(
        _ client: GRPCClient, _ method: String, _ requests: [[UInt8]] = [],
        metadata: GRPCMetadata = [:], timeout: TimeAmount? = nil
    ) -> (stream: GRPCClientStream, conversation: Conversation) {
        let conversation = Conversation()
        let stream = client.open(
            service: EchoService.name, method: method, metadata: metadata, timeout: timeout,
            handler: conversation)
        for request in requests { stream.send(request) }
        return (stream, conversation)
    }

    /// A unary call: its reply, nil where there was none, and its end.
    func unary(
        _ client: GRPCClient, _ method: String, _ request: [UInt8], metadata: GRPCMetadata = [:],
        timeout: TimeAmount? = .seconds(5)
    ) async -> (reply: [UInt8]?, end: Conversation.End) {
        let (stream, conversation) = open(
            client, method, [request], metadata: metadata, timeout: timeout)
        stream.halfClose()
        let reply = await conversation.next(self)
        return (reply, await conversation.end(self))
    }

    func run(_ name: String) async throws -> String {
        switch name {
        case "unary": try await unary()
        case "ping-pong": try await pingPong()
        case "streaming": try await streaming()
        case "slow-reader": try await slowReader()
        case "metadata": try await metadata()
        case "status": try await status()
        case "unimplemented": try await unimplemented()
        case "large": try await large()
        case "too-large-request": try await tooLargeRequest()
        case "too-large-reply": try await tooLargeReply()
        case "concurrent": try await concurrent()
        case "deadline": try await deadline()
        case "cancel": try await cancel()
        case "gzip": try await gzip()
        case "refused": try await refused()
        case "drain": try await drain()
        case "lost": try await lost()
        default: throw Surprise("no scenario \(name)")
        }
    }
}

/// Runs one scenario and prints what came of it; the exit status.
func runScenario(_ client: EchoOptions.Client, _ options: EchoOptions) async -> Int32 {
    do {
        let scenario = Scenario(
            port: client.port, tls: try options.clientTLS(),
            on: MultiThreadedEventLoopGroup.singleton.next())
        announce(try await scenario.run(client.scenario))
        return 0
    } catch {
        announce("\(error)")
        return 1
    }
}
