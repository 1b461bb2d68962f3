// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaEngine
internal import MediaServer

/// The agent's side of a monitored stereo call: heard, never spoken to.
final class GenesysAgentLeg: PlatformConnection {
    var call: CallSession?
    private(set) var hasEnded = false

    var confirmsPlayback: Bool { false }
    func send(_ audio: borrowing EncodedAudio, packet: OutboundPacket) {}
    func clear(generation: Generation) {}
    func handle(_ event: CallEvent) {}
    func report(_ outcome: TurnOutcome) {}

    func endCall(_ ending: CallEnding) {
        hasEnded = true
        call?.end(.botEnded)
    }

    func flushWrites() {}
}
