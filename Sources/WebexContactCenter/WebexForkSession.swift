// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import MediaServer
internal import NIOCore

/// One RPC of media forking and the legs it carries, whatever transports it.
///
/// Confined to the RPC's event loop.
final class WebexForkSession {
    private let calls: WebexForkCalls
    private let eventLoop: any EventLoop
    private let id: WebexForkedConversations.StreamID
    private var stream = WebexForkStream()
    /// By the stream's numbers; nil: opened, and its audio is dropped.
    private var legs: [NIOLoopBound<WebexForkLeg>?] = []
    private var keys: [WebexForkLegKey] = []
    private var isOver = false

    init(_ calls: WebexForkCalls, eventLoop: any EventLoop) {
        self.calls = calls
        self.eventLoop = eventLoop
        id = calls.beginStream()
    }

    /// Takes one message. Audio of an open leg on this event loop costs no allocation.
    /// - Returns: why the RPC has to be ended; nil when all is well.
    func receive(_ message: Span<UInt8>) -> WebexForkRefusal? {
        guard !isOver else { return nil }
        let refusal: WebexForkRefusal
        switch stream.receive(message) {
        case .ignored: return nil
        case .audio(let leg, let data, let capturedAt):
            give(message.extracting(data), capturedAt: capturedAt, to: leg)
            return nil
        case .opens(let opening, let leg, let data, let capturedAt):
            let inputs = WebexForkMessage.additionalInfo(in: message)
            switch calls.open(opening, inputs: inputs, stream: id, on: eventLoop) {
            case .leg(let opened, let format):
                stream.opened(leg, format: format)
                while legs.count <= leg { legs.append(nil) }
                legs[leg] = opened
                keys.append(opening.key)
                give(message.extracting(data), capturedAt: capturedAt, to: leg)
                return nil
            case .refused(let why): refusal = why
            }
        case .refused(let why): refusal = why
        }
        calls.count { $0.refusals[refusal, default: 0] += 1 }
        // What we cannot take now may be taken from another RPC.
        close(ending: refusal.status == .invalidArgument ? .protocolViolation : nil)
        return refusal
    }

    /// The messages of a burst have been taken.
    func readCompleted() {
        for index in legs.indices {
            guard let leg = legs[index] else { continue }
            if leg.eventLoop === eventLoop {
                leg.value.completeBurst()
            } else {
                leg.eventLoop.execute { leg.value.completeBurst() }
            }
        }
    }

    /// The call has ended: acknowledge it, once.
    func halfClosed() {
        guard !isOver else { return }
        calls.count { $0.acknowledgements += 1 }
        close(ending: .platformEnded)
    }

    /// The RPC ended in any other way: its legs wait for another one.
    func lost() {
        close(ending: nil)
    }

    private func close(ending reason: CallEndReason?) {
        guard !isOver else { return }
        isOver = true
        calls.close(keys, stream: id, ending: reason)
        legs = []
    }

    private func give(_ audio: Span<UInt8>, capturedAt: Int64?, to index: Int) {
        guard index < legs.count, let leg = legs[index] else { return }
        if leg.eventLoop === eventLoop {
            leg.value.receive(audio, capturedAt: capturedAt, from: id)
            return
        }
        // Only a leg that came back on another connection is elsewhere.
        let copy = audio.copy(0..<audio.count)
        let id = id
        leg.eventLoop.execute {
            leg.value.receive(copy.span, capturedAt: capturedAt, from: id)
        }
    }
}
