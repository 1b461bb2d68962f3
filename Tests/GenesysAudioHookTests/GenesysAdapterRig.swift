// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import JSON
import Logging
import MediaEngine
import MediaServer
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing
import WebSocketTransport

@testable import GenesysAudioHook

/// A media server with this adapter on a port of its own, and the bots it makes.
struct GenesysAdapterRig: Sendable {
    let bots: RecordingBots
    let media: MediaServer
    let adapter: GenesysAdapter
    let server: WebSocketServer

    /// Runs `body` against a server and takes it down.
    static func with(
        _ behaviour: RecordingBot.Behaviour = RecordingBot.Behaviour(),
        authenticator: GenesysAuthenticator = .admittingAnyone(), maximumCalls: Int = 100,
        _ body: (GenesysAdapterRig) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let bots = RecordingBots(behaviour)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let media = try await MediaServer.start(
            configuration: MediaServer.Configuration(maximumCalls: maximumCalls), bots: bots,
            group: group, logger: logger)
        let adapter = GenesysAdapter(
            server: media, authenticator: authenticator, logger: logger,
            unixSeconds: { SignedRequest.created })
        var configuration = WebSocketServer.Configuration()
        configuration.limits.maximumMessageBytes = GenesysPolicy.maximumTextBytes
        let server = try await WebSocketServer.start(
            configuration, group: group,
            accept: { request, eventLoop in adapter.accept(request, on: eventLoop) })
        let rig = GenesysAdapterRig(bots: bots, media: media, adapter: adapter, server: server)
        do {
            try await body(rig)
        } catch {
            await server.shutdown(within: .seconds(1))
            throw error
        }
        await server.shutdown(within: .seconds(1))
        try await media.stop(deadline: .zero)
    }

    static let headers: HTTPHeaders = [
        "Audiohook-Organization-Id": SignedRequest.organization,
        "Audiohook-Session-Id": SignedRequest.session,
        "Audiohook-Correlation-Id": SignedRequest.correlation,
    ]

    /// Connects a client that has yet to send `open`.
    func connect(
        _ target: String = "/genesys/connector", headers: HTTPHeaders = Self.headers
    ) async throws -> Client {
        let peer = try await TestPeer.connect(
            port: server.port, target: target, headers: headers,
            on: MultiThreadedEventLoopGroup.singleton.next())
        return Client(peer)
    }

    /// Numbers its messages; reads what comes one message at a time.
    struct Client {
        let peer: TestPeer
        private var notes: AsyncStream<PeerNote>.Iterator
        private var sequence = 0
        private(set) var seen = 0

        init(_ peer: TestPeer) {
            self.peer = peer
            notes = peer.notes.makeAsyncIterator()
        }

        mutating func say(_ type: String, _ parameters: String = "{}", position: String = "PT0S") {
            sequence += 1
            peer.send(
                #"{"version":"2","id":"\#(SignedRequest.session)","type":"\#(type)","#
                    + #""seq":\#(sequence),"serverseq":\#(seen),"position":"\#(position)","#
                    + #""parameters":\#(parameters)}"#)
        }

        mutating func open(media: String = Exchange.external) {
            say(
                "open",
                Exchange.openParameters(media: media, more: #","inputVariables":{"tier":"gold"}"#))
        }

        mutating func next() async -> PeerNote? {
            let note = await notes.next()
            if case .text = note { seen += 1 }
            return note
        }

        /// The next message, which must be text of this type: its parameters.
        mutating func expect(_ type: String) async throws -> JSONObject {
            guard case .text(let text) = try #require(await next()) else {
                throw Unexpected()
            }
            let message = try #require(JSONValue(parsing: text).object)
            #expect(message["type"]?.string == type)
            return try #require(message["parameters"]?.object)
        }

        /// The next text of this type; audio before it is returned, other text is an error.
        mutating func audio(until type: String) async throws -> [[UInt8]] {
            var packets: [[UInt8]] = []
            while case .binary(let bytes)? = await notes.next(where: { note in
                guard case .text(let text) = note else { return }
                #expect(text.contains(#""type":"\#(type)""#))
            }) {
                packets.append(bytes)
            }
            seen += 1
            return packets
        }

        struct Unexpected: Error {}
    }
}

extension AsyncStream<PeerNote>.Iterator {
    /// The next note, looked at on its way.
    mutating func next(where look: (PeerNote) -> Void) async -> PeerNote? {
        let note = await next()
        if let note { look(note) }
        return note
    }
}
