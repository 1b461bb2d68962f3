// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import JSON
internal import Logging
internal import MediaEngine
internal import MediaServer
internal import NIOCore
internal import Synchronization

/// One stream of a call, over all the connections that carry it in turn.
///
/// Confined to the event loop of its first connection, where its call lives. A later connection may
/// be on another loop; its audio is then handed over message by message.
final class CXoneStream: PlatformConnection {
    /// Samples given to the call before it is pumped: a fraction of the second that it holds for
    /// its bot, however long a message or a burst of late messages is.
    private static let longestPart = 1_600

    let key: CXoneStreamKey
    let eventLoop: any EventLoop
    private let adapter: CXoneAdapter
    private var call: CallSession?
    private var timeline = CXoneStreamTimeline()
    private var connection: CXoneConnectionHandle?
    /// Samples given to the call since it was pumped.
    private var waiting = 0
    /// The bot ended the call while it was being created.
    private var hasEnded = false

    init(_ adapter: CXoneAdapter, key: CXoneStreamKey, eventLoop: any EventLoop) {
        self.adapter = adapter
        self.key = key
        self.eventLoop = eventLoop
    }

    /// Creates the call for the first connection.
    /// - Parameter completesCall: another stream of the same contact is live.
    func start(
        _ message: CXoneInitialMessage, on connection: CXoneConnectionHandle, completesCall: Bool
    ) throws(AdmissionError) {
        self.connection = connection
        let participant =
            switch key.perspective {
            case .transmit: "caller"
            case .receive: "agent"
            case .mixed: "mixed"
            }
        let info = CallInfo(
            key: CallKey(platform: "cxone", conversation: key.description),
            organization: String(key.call.businessUnit), inputs: message.inputs,
            participant: participant)
        call = try adapter.server.admit(
            info, ingress: CXonePolicy.format, egress: nil,
            stallThreshold: CXonePolicy.holdThreshold, completesCall: completesCall,
            platform: self, on: eventLoop)
        if hasEnded { finish(.botEnded) }
    }

    /// Whether there is a call that has not ended.
    var isLive: Bool { call?.hasEnded == false }

    /// Another connection carries the stream from now on.
    /// - Returns: false when the call is over.
    func resume(on connection: CXoneConnectionHandle) -> Bool {
        guard let call, !call.hasEnded else { return false }
        self.connection?.close()
        self.connection = connection
        timeline.resume()
        call.attach(self)
        return true
    }

    /// The connection is gone; the call waits for the next one.
    func detach(_ id: CXoneCallDirectory.ConnectionID) {
        guard connection?.id == id else { return }
        connection = nil
        call?.detach()
    }

    /// Takes audio of the connection that carries the stream. No allocation.
    func receive(_ audio: ByteBuffer, from id: CXoneCallDirectory.ConnectionID) {
        guard let call, connection?.id == id else { return }
        let missing = timeline.receive(
            sampleCount: audio.readableBytes, at: MonotonicClock.now())
        if missing > 0 {
            // A jump drops what the bot has not fetched yet.
            call.pump()
            call.moveTimeline(to: call.ingressPosition.advanced(by: missing))
        }
        let bytes = audio.readableBytesSpan
        var offset = 0
        while offset < bytes.byteCount {
            let end = min(offset + Self.longestPart - waiting, bytes.byteCount)
            call.receive(
                EncodedAudio(bytes.extracting(offset..<end), format: CXonePolicy.format))
            waiting += end - offset
            if waiting == Self.longestPart { completeBurst() }
            offset = end
        }
    }

    /// All that has come so far was handed over.
    func completeBurst() {
        waiting = 0
        call?.completeBurst()
    }

    /// The call is over for the platform: its grace has passed.
    func end(_ reason: CallEndReason) {
        finish(reason)
    }

    private func finish(_ reason: CallEndReason) {
        connection?.close()
        connection = nil
        let ended = call
        call = nil
        ended?.end(reason)
    }

    // MARK: The call's view

    var confirmsPlayback: Bool { false }
    func send(_ audio: borrowing EncodedAudio, packet: OutboundPacket) {}
    func clear(generation: Generation) {}
    func handle(_ event: CallEvent) {}
    func report(_ outcome: TurnOutcome) {}
    func flushWrites() {}

    /// The platform knows no end from our side but a closed connection.
    func endCall(_ ending: CallEnding) {
        hasEnded = true
        adapter.calls.withLock { calls in
            calls.directory.stop(key, at: MonotonicClock.now())
            calls.streams[key] = nil
        }
        adapter.logger.info("stream stopped", metadata: ["stream": "\(key)"])
        finish(.botEnded)
    }
}

extension CXoneInitialMessage {
    /// What the Studio script and the application's settings hand to the bot: members of objects
    /// under their names, anything else as a whole.
    var inputs: [String: String] {
        var inputs: [String: String] = [:]
        for (name, value) in [("appConfig", appConfiguration), ("appParams", appParameters)] {
            guard let value else { continue }
            guard let object = value.object else {
                inputs[name] = value.string ?? value.text
                continue
            }
            for member in object.members {
                inputs[member.name] = member.value.string ?? member.value.text
            }
        }
        return inputs
    }
}
