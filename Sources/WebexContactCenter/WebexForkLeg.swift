// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaEngine
internal import MediaServer
internal import NIOCore

/// One leg of a forked conversation as a call that is heard and never spoken to, over all the RPCs
/// that carry it in turn.
///
/// Confined to the event loop of its first RPC, where its call lives.
final class WebexForkLeg: PlatformConnection {
    /// Samples given to the call before it is pumped: a fraction of the second that it holds for
    /// its bot, however long a message or a burst of late messages is.
    private static let longestPart = 1_600

    let key: WebexForkLegKey
    let eventLoop: any EventLoop
    private let calls: WebexForkCalls
    private let format: AudioFormat
    private var call: CallSession?
    private var carrier: WebexForkedConversations.StreamID?
    private var timeline: WebexForkTimeline
    /// First octet of a sample whose second one is in the next message.
    private var firstOctet: UInt8?
    /// Samples given to the call since it was pumped.
    private var waiting = 0
    private var isOver = false

    init(
        _ calls: WebexForkCalls, key: WebexForkLegKey, format: AudioFormat,
        carrier: WebexForkedConversations.StreamID, eventLoop: any EventLoop
    ) {
        self.calls = calls
        self.key = key
        self.format = format
        self.carrier = carrier
        self.eventLoop = eventLoop
        timeline = WebexForkTimeline(rate: format.rate)
    }

    /// Creates the call.
    func start(
        organization: String, inputs: [String: String]
    ) throws(AdmissionError) {
        let info = CallInfo(
            key: CallKey(platform: "webex-fork", conversation: key.description),
            organization: organization, inputs: inputs, participant: key.role.name)
        let started: CallSession
        do throws(AdmissionError) {
            started = try calls.server.admit(
                info, ingress: format, egress: nil,
                stallThreshold: WebexForkPolicy.stallThreshold, platform: self, on: eventLoop)
        } catch {
            isOver = true
            throw error
        }
        // The bot may have ended the call while it was being created.
        guard !isOver else {
            started.end(.botEnded)
            return
        }
        call = started
    }

    /// Another RPC carries the leg from now on.
    func resume(on stream: WebexForkedConversations.StreamID) {
        carrier = stream
        firstOctet = nil
        timeline.resume()
        call?.attach(self)
    }

    /// The RPC is lost; the call waits for the next one.
    func detach(_ stream: WebexForkedConversations.StreamID) {
        guard carrier == stream else { return }
        carrier = nil
        call?.detach()
    }

    /// Takes audio of the RPC that carries the leg; call ``completeBurst()`` when the burst is complete. No
    /// allocation.
    func receive(
        _ audio: Span<UInt8>, capturedAt: Int64?, from stream: WebexForkedConversations.StreamID
    ) {
        guard let call, carrier == stream else { return }
        let missing = timeline.receive(
            sampleCount: audio.count / format.bytesPerFrame, capturedAt: capturedAt,
            at: MonotonicClock.now())
        if missing > 0 {
            // A jump drops what the bot has not fetched yet.
            call.pump()
            call.moveTimeline(to: call.ingressPosition.advanced(by: missing))
        }
        var offset = 0
        if let octet = firstOctet {
            let sample: InlineArray<2, UInt8> = [octet, audio[0]]
            give(sample.span, to: call)
            offset = 1
        }
        let rest = (audio.count - offset) % format.bytesPerFrame
        firstOctet = rest == 0 ? nil : audio[audio.count - 1]
        let end = audio.count - rest
        while offset < end {
            let room = (Self.longestPart - waiting) * format.bytesPerFrame
            let next = min(offset + room, end)
            give(audio.extracting(offset..<next), to: call)
            offset = next
        }
    }

    private func give(_ octets: Span<UInt8>, to call: CallSession) {
        let audio = EncodedAudio(octets, format: format)
        waiting += audio.frameCount
        call.receive(audio)
        if waiting >= Self.longestPart { completeBurst() }
    }

    /// All that has come so far was handed over.
    func completeBurst() {
        waiting = 0
        call?.completeBurst()
    }

    /// The leg is over for the platform.
    func end(_ reason: CallEndReason) {
        isOver = true
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

    /// Webex knows no end from our side: the bot's call ends, and what comes of the leg is dropped.
    func endCall(_ ending: CallEnding) {
        calls.stop(key)
        end(.botEnded)
    }
}
