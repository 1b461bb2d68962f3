// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CAllocationCounter
import MediaEngine
import Testing

/// What a frame costs: no allocation after set-up, and memory within the declared bound.
@Suite struct CallCostTests {
    /// - Parameter framesPerResponse: zero is one response for the whole call.
    @Test(arguments: [(CallRig.pacing, 0), (CallResponseTests.unit, 5)])
    func aFrameCostsNoAllocationAfterSetUp(
        pacing: PacingProfile, framesPerResponse: Int
    ) throws {
        guard allocation_counter_available() else { return }
        let pool = AudioBlockPool(byteLimit: 1024 * 1024)
        var now = MediaInstant(nanoseconds: 0)
        let call = Call(
            configuration: CallConfiguration(
                ingress: .pcmu8000, egress: .init(format: .pcmu8000, pacing: pacing),
                botRate: .hz16000, delivery: .continuous),
            pool: pool, now: now)
        let caller = CallRig.encode(
            Signal.voice(.milliseconds(700)) + Signal.silence(.milliseconds(700)))
        let bot = Signal.tone(.milliseconds(20), hertz: 440)
        var samples = [Int16](repeating: 0, count: 4800)
        var packet = [UInt8](repeating: 0, count: 65_536)
        var delivered = 0
        var sent = 0

        var response = try #require(call.beginResponse(allowsBargeIn: false))
        /// A 20 ms frame each way, with all that comes of it.
        func frame(_ index: Int) {
            if framesPerResponse > 0, index % framesPerResponse == 0,
                let next = call.beginResponse(allowsBargeIn: false)
            {
                call.endResponse(response, now: now)
                response = next
            }
            now = now + .milliseconds(20)
            let start = index * 160 % caller.count
            call.receive(
                EncodedAudio(caller.span.extracting(start..<(start + 160)), format: .pcmu8000),
                now: now)
            _ = call.play(LinearAudio(bot.span, rate: .hz8000), in: response, now: now)
            call.advance(to: now)
            repeat {
                while call.nextEvent() != nil {}
                while true {
                    var room = samples.mutableSpan
                    let count = call.readCallerAudio(into: &room)
                    delivered += count
                    if count == 0 { break }
                }
                _ = call.takeFlush()
                while true {
                    var room = packet.mutableSpan
                    guard let outcome = call.nextPacket(into: &room, now: now) else { break }
                    sent += outcome.byteCount
                }
            } while call.hasEvents
        }

        for index in 0..<700 { frame(index) }
        allocation_counter_start()
        for index in 700..<2100 { frame(index) }
        let count = allocation_counter_stop()
        #expect(count == 0)
        // The frames did real work: the caller was heard and the bot was played.
        #expect(delivered > 16_000 * 10)
        #expect(sent > 8000 * 30)
    }

    @Test func aCallFitsIntoItsDeclaredMemory() throws {
        guard allocation_counter_available() else { return }
        let pool = AudioBlockPool(byteLimit: 4096)
        let configuration = CallConfiguration(
            ingress: .pcmu8000, egress: .init(format: .pcmu8000, pacing: CallRig.pacing),
            botRate: .hz48000)
        // The first call makes the filters that all calls share.
        _ = Call(configuration: configuration, pool: pool, now: MediaInstant(nanoseconds: 0))
        allocation_counter_start()
        let call = Call(configuration: configuration, pool: pool, now: MediaInstant(nanoseconds: 0))
        let count = allocation_counter_stop()
        let bytes = Int(allocation_counter_byte_count())
        #expect(count > 5)
        #expect(bytes <= Call.declaredByteCount)
        #expect(bytes > 16_000, "The measure must see a second of history")
        #expect(call.ingressLedger.isBalanced)
    }
}
