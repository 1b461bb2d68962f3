// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import MediaEngine

/// Packets that are put aside while nothing stirs on the line.
@Suite struct WaitingPacketsTests {
    /// Three turns in faint noise, with rests in between.
    private static let line: [Int16] = {
        var random = SeededGenerator(seed: 11)
        let clean =
            Signal.silence(.milliseconds(1510)) + Signal.voice(.milliseconds(900))
            + Signal.silence(.milliseconds(2130)) + Signal.voice(.milliseconds(700), level: 1500)
            + Signal.silence(.milliseconds(1700)) + Signal.voice(.milliseconds(1200))
            + Signal.silence(.milliseconds(1600))
        return clean.map {
            Int16(clamping: Int($0) + Int.random(in: -60...60, using: &random))
        }
    }()

    /// What the call makes of the line, with a prompt over part of it; with `hears` set it hears
    /// each packet when it comes.
    private func run(hears: Bool) throws -> CallRig {
        let rig = CallRig()
        for (index, offset) in stride(from: 0, to: Self.line.count, by: 160).enumerated() {
            if index == 160 {
                let response = try #require(rig.call.beginResponse())
                rig.play(Signal.voice(.milliseconds(1500)), in: response)
                rig.call.endResponse(response, now: rig.now)
            }
            let end = min(offset + 160, Self.line.count)
            rig.wait(SampleRate.hz8000.duration(of: end - offset))
            rig.arrive(Array(Self.line[offset..<end]))
            if hears {
                rig.call.takeWaiting()
                rig.fetch()
            }
            #expect(rig.call.ingressLedger.isBalanced)
            #expect(rig.call.ingressPosition.index == Int64(end))
        }
        rig.wait(.milliseconds(300))
        return rig
    }

    @Test func whatIsPutAsideIsHeardAsIfItHadNotBeen() throws {
        let together = try run(hears: false)
        let singly = try run(hears: true)
        #expect(together.events == singly.events)
        #expect(together.callerAudio == singly.callerAudio)
        #expect(
            together.events.filter { if case .turnEnded = $0 { true } else { false } }.count == 3)
        #expect(together.call.ingressLedger == singly.call.ingressLedger)
    }

    @Test func onlyAQuietLineWaitsAndNeverForLong() {
        let rig = CallRig()
        var longest = 0
        var waited = 0
        for offset in stride(from: 0, to: Self.line.count - 160, by: 160) {
            rig.wait(.milliseconds(20))
            rig.arrive(Array(Self.line[offset..<offset + 160]))
            longest = max(longest, rig.call.waiting.sampleCount)
            if !rig.call.waiting.isEmpty { waited += 1 }
            // The first turn, from its first loud syllable on.
            if (13_000..<18_000).contains(offset) { #expect(rig.call.waiting.isEmpty) }
        }
        #expect(longest == 640)
        #expect(waited > 100)
    }

    /// A call after 1.5 s of silence, some of which waits.
    private func rested() throws -> CallRig {
        let rig = CallRig()
        for _ in 0..<75 {
            rig.wait(.milliseconds(20))
            rig.arrive(Signal.silence(.milliseconds(20)))
        }
        try #require(!rig.call.waiting.isEmpty)
        return rig
    }

    @Test func whatWaitsIsHeardWhenNothingMoreComes() throws {
        let rig = try rested()
        rig.wait(.milliseconds(100))
        #expect(rig.call.waiting.isEmpty)
        // Silence counts from the last packet, put aside or not.
        rig.wait(.milliseconds(800))
        #expect(!rig.events.contains(.mediaStalled))
        rig.wait(.milliseconds(200))
        #expect(rig.events.contains(.mediaStalled))
    }

    @Test func aGapIsFilledBehindWhatWaits() throws {
        let rig = try rested()
        #expect(rig.call.moveTimeline(to: SamplePosition(12_000), now: rig.now) == 0)
        #expect(!rig.call.waiting.isEmpty)
        #expect(rig.call.moveTimeline(to: SamplePosition(12_400), now: rig.now) == 400)
        #expect(rig.call.waiting.isEmpty)
        #expect(rig.call.ingressPosition == SamplePosition(12_400))
        #expect(rig.call.ingressLedger.isBalanced)
        #expect(rig.call.ingressLedger.received == 12_000)
    }

    @Test func aBotThatIsGivenAllThereIsIsGivenItAtOnce() {
        let rig = CallRig(delivery: .continuous)
        for index in 1...100 {
            rig.wait(.milliseconds(20))
            rig.arrive(Signal.silence(.milliseconds(20)))
            #expect(rig.callerAudio.count == index * 160)
        }
    }
}
