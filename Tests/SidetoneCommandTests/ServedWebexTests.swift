// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Bots
import Foundation
import GRPCTransport
import Logging
import MediaServer
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing
import WebSocketTransport
import WebexMessages

@testable import Operations

/// Webex's services as the daemon starts them: who is found, what is told, and when.
@Suite struct ServedWebexTests {
    private static let service = "com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent"
    private static let health = "com.cisco.wcc.ccai.v1.Health"

    /// The state that a health check tells: 1 is SERVING, 2 NOT_SERVING.
    private func healthState(
        _ server: SidetoneServer, _ service: String, tls: GRPCClientTLS? = nil
    ) async throws -> UInt8? {
        let answer = try await ask(server, service, "Check", tls: tls) { $0.send([UInt8]()) }
        return answer.messages.first?.last
    }

    /// Begins a conversation with an agent and returns the audio of its greeting.
    private func greeting(
        _ server: SidetoneServer, agent: String
    ) async throws -> (audio: Int, status: GRPCStatus) {
        let answer = try await ask(server, Self.service, "ProcessCallerInput") { stream in
            var request = WebexVoiceVARequest()
            request.conversationID = "c-\(agent)"
            request.customerOrgID = "o"
            request.virtualAgentID = agent
            request.eventInput.eventType = .sessionStart
            stream.send(request)
        }
        var count = 0
        for message in answer.messages {
            let response = try WebexVoiceVAResponse(decoding: message.span)
            for prompt in response.prompts { count += prompt.audioContent.count }
        }
        return (count, answer.status)
    }

    @Test func healthIsToldByEveryWayAndWhileTheServerStops() async throws {
        try await withServer(settings: ["webex.ping_path=/ping"]) { server in
            for service in [Self.health, "grpc.health.v1.Health"] {
                let state = try await healthState(server, service)
                #expect(state == 1)
            }
            let ping = server.platforms.respond(to: HTTPRequest(target: "/ping"))
            #expect(ping.status == .ok)
            let text = String(buffer: ping.body)
            #expect(text.contains("\"serviceState\":\"online\""))
            #expect(
                text.firstMatch(of: /"lastUpdated":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/) != nil)
            let post = server.platforms.respond(to: HTTPRequest(method: .POST, target: "/ping"))
            #expect(post.status == .methodNotAllowed)

            server.media.beginDrain()
            server.platforms.webex?.beginDrain()
            let state = try await healthState(server, Self.health)
            #expect(state == 2)
            let after = server.platforms.respond(to: HTTPRequest(target: "/ping"))
            #expect(after.status == .serviceUnavailable)
        }
    }

    @Test func theConfiguredAgentsAreListed() async throws {
        let agents = "[{id: sales, name: Sales}, {id: help, name: Help desk}]"
        try await withServer(settings: ["webex.virtual_agents=\(agents)"]) { server in
            let answer = try await ask(server, Self.service, "ListVirtualAgents") { stream in
                var request = WebexListVARequest()
                request.customerOrgID = "o"
                stream.send(request)
            }
            #expect(answer.status.code == .ok)
            let message = try #require(answer.messages.first)
            let list = try WebexListVAResponse(decoding: message.span)
            #expect(list.virtualAgents.map(\.virtualAgentID) == ["sales", "help"])
            #expect(list.virtualAgents.map(\.virtualAgentName) == ["Sales", "Help desk"])
            #expect(list.virtualAgents.map(\.isDefault) == [true, false])
        }
    }

    @Test func anAgentFollowsItsOwnScript() async throws {
        try await ServerFiles.withFolder { folder in
            let prompts = Script.defaultURL.deletingLastPathComponent().appending(path: "prompts")
            let waiting = "listen: [{then: a}]"
            for (name, prompt) in [("short", "one-moment"), ("long", "greeting")] {
                let script = """
                    start: a
                    no_input: {after_ms: 60000, attempts: 0, then: a}
                    steps: {a: {say: \(prompts.path)/\(prompt).wav, \(waiting)}}
                    """
                try Data(script.utf8).write(to: folder.appending(path: "\(name).yaml"))
            }
            let agents =
                "[{id: a, name: A}, {id: b, name: B, script: \(folder.path)/long.yaml}]"
            try await withServer(
                settings: [
                    "webex.virtual_agents=\(agents)", "bot.script=\(folder.path)/short.yaml",
                ]
            ) { server in
                func size(_ name: String) throws -> Int {
                    let data = try Data(contentsOf: prompts.appending(path: "\(name).wav"))
                    return try WAVFile.parse([UInt8](data)).clip(channel: 0).samples.count
                }
                let first = try await greeting(server, agent: "a")
                #expect(first.status.code == .ok)
                #expect(abs(first.audio - (try size("one-moment"))) < 200)
                let second = try await greeting(server, agent: "b")
                #expect(abs(second.audio - (try size("greeting"))) < 200)
                let unknown = try await greeting(server, agent: "nobody")
                #expect(unknown.status.code == .notFound)
            }
        }
    }

    @Test func everythingServedIsNamed() async throws {
        try await withServer(settings: ["webex.ping_path=/ping"]) { server in
            let port = try #require(server.grpcPort)
            #expect(
                server.endpoints.map { "\($0.name) \($0.url)" } == [
                    "genesys connector ws://127.0.0.1:\(server.port)/genesys/connector",
                    "genesys monitor ws://127.0.0.1:\(server.port)/genesys/monitor",
                    "cxone audio ws://127.0.0.1:\(server.port)/cxone",
                    "cxone webhook http://127.0.0.1:\(server.port)/cxone/utterance",
                    "webex gRPC http://127.0.0.1:\(port)",
                    "webex ping http://127.0.0.1:\(server.port)/ping",
                ])
        }
        try await withServer(settings: ["webex.enabled=false"]) { server in
            #expect(server.grpcPort == nil && server.grpcCounters == nil)
            #expect(!server.endpoints.contains { $0.name.hasPrefix("webex") })
        }
    }

    @Test func withoutItsTokenAnRPCIsRefused() async throws {
        try await withServer(settings: ["webex.data_source_url=https://bots.example.com"]) {
            server in
            let refused = try await greeting(server, agent: "sidetone")
            #expect(refused.status.code == .unauthenticated)
            let state = try await healthState(server, Self.health)
            #expect(state == 1)
        }
    }

    @Test func aRenewedCertificateIsShownOnBothPorts() async throws {
        try await ServerFiles.withFolder { folder in
            try ServerFiles.first.write(to: folder)
            try await withServer(
                settings: [
                    "server.tls_certificate=\(folder.path)/cert.pem",
                    "server.tls_private_key=\(folder.path)/key.pem",
                ]
            ) { server in
                #expect(server.url.hasPrefix("wss://"))
                let before = try await accepts(server, ServerFiles.first)
                #expect(before == [true, true])
                try Data("broken".utf8).write(to: folder.appending(path: "key.pem"))
                server.reloadIdentity()
                let broken = try await accepts(server, ServerFiles.first)
                #expect(broken == [true, true])
                try ServerFiles.renewed.write(to: folder)
                server.identity?.check()
                let after = try await accepts(server, ServerFiles.renewed)
                #expect(after == [true, true])
                let old = try await accepts(server, ServerFiles.first)
                #expect(old == [false, false])
            }
        }
    }

    /// Whether a client that trusts `identity` alone gets a connection: WebSocket, gRPC.
    private func accepts(
        _ server: SidetoneServer, _ identity: ServerFiles.Identity
    ) async throws -> [Bool] {
        let trust = try ClientTLS(trust: .authorities(identity.certificate))
        var webSocket = false
        do {
            _ = try await WebSocketClient.connect(
                to: WebSocketURL("wss://localhost:\(server.port)/nowhere"), tls: trust,
                on: MultiThreadedEventLoopGroup.singleton.next()
            ) { SilentHandler() }.get()
        } catch WebSocketClientError.refused {
            // Answered with 404: over TLS all the same.
            webSocket = true
        } catch WebSocketClientError.tls {}
        let rpc = try? await healthState(
            server, Self.health,
            tls: GRPCClientTLS(trust: .authorities(identity.certificate)))
        return [webSocket, rpc == 1]
    }

    private final class SilentHandler: WebSocketHandler {
        func received(text: ByteBuffer, on connection: WebSocketConnection) {}
        func received(binary: ByteBuffer, on connection: WebSocketConnection) {}
        func closed(_ connection: WebSocketConnection, _ close: WebSocketClose) {}
    }
}
