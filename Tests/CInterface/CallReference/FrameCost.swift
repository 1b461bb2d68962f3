// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Glibc
import MediaEngine
import SpeechDetection

/// What `frames.c` does, without the C interface: 20 ms of a call on which both sides speak.
final class FrameCost {
    private static let frame = 160
    private let call: Call
    private let near: [Int16]
    private let far: [Int16]
    private var clock = VirtualClock(now: MediaInstant(nanoseconds: 1_000_000_000))
    private var response: ResponseID?
    private var code = [UInt8](repeating: 0, count: FrameCost.frame)
    private var packet = [UInt8](repeating: 0, count: FrameCost.frame)
    private var samples = [Int16](repeating: 0, count: 480)

    init(near: [Int16], far: [Int16]) {
        self.near = near
        self.far = far
        let pool = AudioBlockPool(byteLimit: 16 << 20)
        pool.reserveAll()
        call = Call(
            configuration: CallConfiguration(
                ingress: .pcmu8000,
                egress: .init(format: .pcmu8000, pacing: ReferenceRun.pacing), botRate: .hz8000),
            pool: pool, cancellers: EchoCancellerPool(capacity: 1), now: clock.now)
    }

    /// Nanoseconds of this thread for a frame pair: the fastest of some rounds after the first.
    func measure(rounds: Int) -> Double {
        _ = run()
        return (0..<rounds).map { _ in
            let start = Self.threadTime()
            let frames = run()
            return (Self.threadTime() - start) / Double(frames)
        }.min() ?? 0
    }

    private static func threadTime() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }

    private func run() -> Int {
        var frames = 0
        var offset = 0
        while offset + Self.frame <= near.count {
            step(offset)
            offset += Self.frame
            frames += 1
        }
        if let response { call.endResponse(response, now: clock.now) }
        response = nil
        return frames
    }

    private func step(_ offset: Int) {
        clock.advance(by: .milliseconds(20))
        let (near, far) = (near, far)
        do {
            var room = code.mutableSpan
            let part = near.span.extracting(offset..<(offset + Self.frame))
            AudioCodec.encode(LinearAudio(part, rate: .hz8000), as: .pcmu, into: &room)
        }
        let arrived = code
        call.receive(EncodedAudio(arrived.span, format: .pcmu8000), now: clock.now)
        if response == nil { response = call.beginResponse() }
        if let open = response {
            let start = offset % (far.count - Self.frame)
            let part = far.span.extracting(start..<(start + Self.frame))
            if !call.isOpen(open) {
                response = nil
            } else {
                _ = call.play(LinearAudio(part, rate: .hz8000), in: open, now: clock.now)
            }
        }
        call.advance(to: clock.now)
        while call.nextEvent() != nil {}
        var isDue = true
        while isDue {
            var room = samples.mutableSpan
            isDue = call.readCallerAudio(into: &room) > 0
        }
        _ = call.takeFlush()
        repeat {
            var room = packet.mutableSpan
            isDue = call.nextPacket(into: &room, now: clock.now) != nil
        } while isDue
    }
}
