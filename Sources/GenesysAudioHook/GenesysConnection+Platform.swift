// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaEngine
internal import MediaServer
internal import NIOCore
internal import WebSocketTransport

/// The call's view of the platform.
extension GenesysConnection: PlatformConnection {
    var confirmsPlayback: Bool { true }

    func send(_ audio: borrowing EncodedAudio, packet: OutboundPacket) {
        openIfNeeded()
        guard session.acceptsPlayout, let connection else { return }
        self.packet.clear()
        self.packet.writeBytes(audio.bytes)
        connection.send(binary: self.packet)
    }

    func clear(generation: Generation) {
        perform(session.bargeIn(at: MonotonicClock.now()))
    }

    func handle(_ event: CallEvent) {}

    func report(_ outcome: TurnOutcome) {
        openIfNeeded()
        let disposition: GenesysEvent.Disposition =
            switch outcome.disposition {
            case .match: .match
            case .noMatch: .noMatch
            case .noInput: .noInput
            }
        do throws(GenesysEvent.EntityError) {
            let event = try GenesysEvent.botTurn(
                disposition, text: outcome.text, confidence: outcome.confidence)
            perform(session.send(event, at: MonotonicClock.now()))
        } catch {
            adapter.counters.add { $0.droppedEvents += 1 }
        }
        armWake()
    }

    func endCall(_ ending: CallEnding) {
        openIfNeeded()
        var outputs = ending.outputs
        var reason = GenesysDisconnectReason.completed
        switch ending.kind {
        case .completed: break
        case .failed: reason = .error
        case .transfer(let destination):
            outputs[GenesysPolicy.transferVariable] =
                outputs[GenesysPolicy.transferVariable] ?? destination
        }
        var info: String? = ending.info.isEmpty ? nil : ending.info
        var variables: GenesysOutputVariables?
        if !outputs.isEmpty {
            variables = try? GenesysOutputVariables(outputs)
            if variables == nil {
                reason = .error
                info = "output variables are too large"
            }
        }
        perform(
            session.disconnect(
                reason, info: info, outputVariables: variables, at: MonotonicClock.now()))
        connection?.flush()
        armWake()
    }

    func flushWrites() {
        connection?.flush()
    }
}
