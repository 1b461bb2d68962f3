// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
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

/// An adapter behind a gRPC server, for one test.
struct WebexAdapterRig: Sendable {
    let bots: WebexRecordingBots
    let media: MediaServer
    let adapter: WebexAdapter
    let server: GRPCServer
    let loops: [any EventLoop]

    /// A connection of which both ends are on loops that the system chooses.
    func connect() async throws -> GRPCClient {
        try await GRPCClient.connect(
            GRPCClient.Target(host: "127.0.0.1", port: server.port), on: loops[0]
        ).get()
    }

    static func with(
        _ behaviour: WebexRecordingBot.Behaviour = WebexRecordingBot.Behaviour(),
        agents: [WebexVirtualAgent] = WebexScene.agents, mode: WebexAnswerMode = .chunk,
        idleTimeout: MediaDuration = WebexPolicy.idleTimeout, maximumCalls: Int = 100,
        token: String? = nil, _ body: (WebexAdapterRig) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let bots = WebexRecordingBots(behaviour)
        let media = try await MediaServer.start(
            configuration: MediaServer.Configuration(maximumCalls: maximumCalls), bots: bots,
            group: group, logger: logger)
        let adapter = WebexAdapter(
            server: media,
            configuration: WebexAdapter.Configuration(
                virtualAgents: agents, answerMode: mode, idleTimeout: idleTimeout,
                authenticator: { head, eventLoop in
                    let isRight = token == nil || head.metadata["authorization"] == token
                    return eventLoop.makeSucceededFuture(
                        isRight ? nil : GRPCStatus(.unauthenticated, "token"))
                }),
            eventLoop: group.next(), logger: logger)
        var router = GRPCRouter()
        adapter.register(in: &router)
        let server = try await GRPCServer.start(router: router, group: group)
        let rig = WebexAdapterRig(
            bots: bots, media: media, adapter: adapter, server: server,
            loops: Array(group.makeIterator()))
        do {
            try await body(rig)
        } catch {
            await server.shutdown(within: .milliseconds(50))
            throw error
        }
        adapter.stop()
        try await media.stop(deadline: .zero)
        await server.shutdown(within: .milliseconds(50))
    }

    /// Greets with 200 ms and answers each turn, or other input, with 100 ms.
    static let talker = WebexRecordingBot.Behaviour(
        started: {
            $0.say(milliseconds: 200)
            $0.listen()
        },
        event: { session, event in
            guard case .turnEnded = event else { return }
            session.say(milliseconds: 100)
            session.listen()
        },
        input: { session, _ in
            session.say(milliseconds: 100)
            session.listen()
        })

    /// Opens an RPC with an event and reads everything of it.
    static func exchange(
        _ request: WebexVoiceVARequest, on client: GRPCClient
    ) async throws -> [String] {
        let peer = try await WebexTestPeer.open(on: client)
        try await peer.send(request, halfCloses: true)
        return await peer.rest()
    }

    static func audio(_ octet: UInt8, packets: Int) -> [WebexVoiceVARequest] {
        var request = WebexScene.audioRequest()
        request.audioInput.callerAudio.append(contentsOf: [UInt8](repeating: octet, count: 160))
        return Array(repeating: request, count: packets)
    }

    /// 0.3 s of silence, by which the line is known, and 0.9 s of speech.
    static let voice: [WebexVoiceVARequest] =
        audio(0xFF, packets: 15)
        + (0..<45).map { packet in
            let samples = Array(speech[packet * 160..<packet * 160 + 160])
            var octets = [UInt8](repeating: 0, count: 160)
            var room = octets.mutableSpan
            AudioCodec.encode(LinearAudio(samples.span, rate: .hz8000), as: .pcmu, into: &room)
            var request = WebexScene.audioRequest()
            request.audioInput.callerAudio.append(contentsOf: octets)
            return request
        }

    /// Recorded speech, from its first sound on: Debian's asterisk-core-sounds-en-wav. A trained
    /// detector takes no synthetic voice for one for sure.
    private static let speech: [Int16] = {
        let path = "/usr/share/asterisk/sounds/en_US_f_Allison/hello-world.wav"
        guard let data = FileManager.default.contents(atPath: path),
            let file = try? WAVFile.parse([UInt8](data))
        else { preconditionFailure("\(path) is missing: run scripts/install-dependencies") }
        return Array(file.clip(channel: 0).samples.drop { abs(Int32($0)) < 300 })
    }()
}
