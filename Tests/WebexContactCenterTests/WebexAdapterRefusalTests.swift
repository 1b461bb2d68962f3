// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import GRPCTransport
import Logging
import MediaEngine
import MediaServer
import NIOCore
import NIOPosix
import SwiftProtobuf
import Testing
import WebexMessages

@testable import WebexContactCenter

/// Who is let in, over real sockets; health and the list of agents.
@Suite(.timeLimit(.minutes(1))) struct WebexAdapterRefusalTests {
    @Test func theTokenIsCheckedBeforeAnyMessage() async throws {
        try await WebexAdapterRig.with(token: "right") { rig in
            let client = try await rig.connect()
            let stranger = try await WebexTestPeer.open(on: client)
            #expect(await stranger.rest() == ["unauthenticated"])
            let listing = WebexUnaryPeer<WebexListVAResponse>.call(
                WebexListVARequest.with { $0.customerOrgID = "o-1" }, service: WebexAdapter.service,
                method: "ListVirtualAgents", on: client)
            await #expect(throws: GRPCStatus(.unauthenticated, "token")) {
                _ = try await listing.get()
            }
            #expect(rig.adapter.counts.unauthenticated == 2)
            let known = try await WebexTestPeer.open(
                on: client, metadata: ["authorization": "right"])
            try await known.send(WebexScene.request(.sessionEnd), halfCloses: true)
            #expect(await known.rest() == ["0 FINAL", "ok"])
        }
    }

    @Test func refusalsBeforeACallHaveTheirStatus() async throws {
        try await WebexAdapterRig.with(
            WebexAdapterRig.talker, agents: [WebexVirtualAgent(id: "nobody", name: "")]
        ) { rig in
            let client = try await rig.connect()
            let cases: [(WebexVoiceVARequest, String)] = [
                (WebexScene.request(conversation: ""), "invalidArgument"),
                (WebexScene.request(organization: ""), "invalidArgument"),
                (WebexScene.request(), "invalidArgument"),
                (WebexScene.request(.sessionStart), "invalidArgument"),
                (WebexScene.request(.sessionStart, agent: "x"), "notFound"),
                (WebexScene.request(.sessionStart, agent: "nobody"), "notFound"),
            ]
            for (request, status) in cases {
                let lines = try await WebexAdapterRig.exchange(request, on: client)
                #expect(lines == [status])
            }
            let malformed = try await WebexTestPeer.open(on: client)
            try await malformed.send(octets: [0xFF, 0xFF])
            #expect(await malformed.rest() == ["invalidArgument"])
            let silent = try await WebexTestPeer.open(on: client)
            try await silent.send(halfCloses: true)
            #expect(await silent.rest() == ["invalidArgument"])
            #expect(
                rig.adapter.counts.violations == [
                    .missingConversation: 1, .missingOrganization: 1, .missingInput: 1,
                    .missingVirtualAgent: 1, .unknownVirtualAgent: 1, .noBot: 1,
                    .malformedRequest: 1, .missingRequest: 1,
                ])
            #expect(rig.adapter.directory.count == 0)
        }
    }

    @Test func organizationsAreKeptApart() async throws {
        try await WebexAdapterRig.with(WebexAdapterRig.talker) { rig in
            let client = try await rig.connect()
            _ = try await WebexAdapterRig.exchange(WebexScene.request(.sessionStart), on: client)
            var foreign = WebexScene.request(organization: "o-2")
            foreign.eventInput.eventType = .sessionEnd
            let lines = try await WebexAdapterRig.exchange(foreign, on: client)
            #expect(lines == ["permissionDenied"])
            #expect(rig.media.directory.count == 1)
        }
    }

    @Test func withoutCapacityACallIsRefusedAndHealthSaysSo() async throws {
        try await WebexAdapterRig.with(WebexAdapterRig.talker, maximumCalls: 1) { rig in
            let client = try await rig.connect()
            for service in ["grpc.health.v1.Health", WebexAdapter.healthService] {
                #expect(try await isServing(client, service))
            }
            _ = try await WebexAdapterRig.exchange(WebexScene.request(.sessionStart), on: client)
            var second = WebexScene.request(conversation: "c-78")
            second.eventInput.eventType = .sessionStart
            let lines = try await WebexAdapterRig.exchange(second, on: client)
            #expect(lines == ["resourceExhausted"])
            while try await isServing(client, WebexAdapter.healthService) {}
            _ = try await WebexAdapterRig.exchange(WebexScene.request(.sessionEnd), on: client)
            while try await !isServing(client, WebexAdapter.healthService) {}
            rig.media.beginDrain()
            let late = try await WebexAdapterRig.exchange(second, on: client)
            #expect(late == ["unavailable"])
            while try await isServing(client, "grpc.health.v1.Health") {}
        }
    }

    private func isServing(_ client: GRPCClient, _ service: String) async throws -> Bool {
        // The same octets for both: field 1 of the answer is 1 for SERVING. The request is any
        // message whose field 1 is a name.
        let answer: WebexInputSpeechTimers = try await WebexUnaryPeer.call(
            WebexListVARequest.with { $0.customerOrgID = WebexAdapter.service }, service: service,
            method: "Check", on: client
        ).get()
        return answer.maxSpeechTimeoutMsec == 1
    }

    @Test func virtualAgentsAreListed() async throws {
        try await WebexAdapterRig.with { rig in
            let client = try await rig.connect()
            let answer: WebexListVAResponse = try await WebexUnaryPeer.call(
                WebexListVARequest.with { $0.customerOrgID = "o-1" }, service: WebexAdapter.service,
                method: "ListVirtualAgents", on: client
            ).get()
            #expect(answer.virtualAgents.map(\.virtualAgentID) == ["bot-a", "bot-b"])
            #expect(answer.virtualAgents.map(\.virtualAgentName) == ["Bot A", "Bot B"])
            #expect(answer.virtualAgents.map(\.isDefault) == [true, false])
            let nobody: EventLoopFuture<WebexListVAResponse> = WebexUnaryPeer.call(
                WebexListVARequest(), service: WebexAdapter.service, method: "ListVirtualAgents",
                on: client)
            await #expect(throws: GRPCStatus.self) { _ = try await nobody.get() }
        }
    }
}
