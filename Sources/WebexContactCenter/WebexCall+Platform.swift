// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaEngine
internal import MediaServer
internal import NIOCore

/// The call's view of the platform.
extension WebexCall: PlatformConnection {
    var confirmsPlayback: Bool { false }
    var reportsNoInput: Bool { true }
    /// The event of the end follows the prompts, and Webex plays these first.
    var playsBeforeEnding: Bool { true }

    func send(_ audio: borrowing EncodedAudio, packet: OutboundPacket) {
        var octets = ByteBuffer()
        swap(&octets, &self.packet)
        octets.clear()
        octets.writeBytes(audio.bytes)
        conversation.play(
            octets.readableBytesUInt8Span, allowsBargeIn: packet.allowsBargeIn,
            response: packet.response, at: now)
        // A whole prompt comes once a turn: its memory would lie idle in every call meanwhile.
        if octets.storageCapacity <= Self.keptPacketBytes { swap(&octets, &self.packet) }
        perform()
    }

    func clear(generation: Generation) {
        conversation.clear(at: now)
        perform()
    }

    func handle(_ event: CallEvent) {
        switch event {
        case .speechStarted:
            conversation.speechStarted(botIsAudible: session?.botIsAudible ?? false, at: now)
        case .bargeIn, .interruption:
            // Webex stops its prompt for nothing but this. What a veto brings back is held until
            // the caller's turn is over, and is the answer to it.
            conversation.bargedIn(at: now)
        case .turnEnded:
            adapter.counters.add { $0.turns += 1 }
            conversation.turnEnded(at: now)
        default:
            return
        }
        perform()
    }

    func report(_ outcome: TurnOutcome) {
        conversation.report(outcome.disposition)
        perform()
    }

    func listen(for expectation: InputExpectation) {
        conversation.listen(for: expectation, at: now)
        perform()
    }

    func send(_ event: CustomEvent) {
        conversation.send(event, at: now)
        perform()
    }

    func endCall(_ ending: CallEnding) {
        conversation.end(ending, at: now)
        perform()
    }

    /// What was written leaves at the end of the event loop's turn.
    func flushWrites() {}
}
