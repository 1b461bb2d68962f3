// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import MediaEngine

/// What the detector is given of the far end, for a caller whose line returns what the bot says.
@Suite struct CallFarEndTests {
    static func speech(_ seconds: Double) -> [Int16] {
        var random = SeededGenerator(seed: 3)
        // Voice with noise: it fits itself at one lag only.
        return Signal.voice(.seconds(seconds)).map {
            Int16(clamping: Int($0) / 2 + Int.random(in: -3000...3000, using: &random))
        }
    }

    @Test(arguments: [20, 200, 35] as [Int64], [40, 330] as [Int64])
    func aReturnedPromptIsFoundAtItsDelay(packet: Int64, delay: Int64) throws {
        let line = EchoLine(delay: delay)
        line.run(.milliseconds(200), packet: .milliseconds(packet))
        let response = try #require(line.rig.call.beginResponse(allowsBargeIn: false))
        line.rig.play(Self.speech(3), in: response)
        line.rig.call.endResponse(response, now: line.rig.now)
        line.run(.milliseconds(2800), packet: .milliseconds(packet))
        let range = 8000..<21_000
        #expect(line.fit(lag: Int(delay) * 8, in: range) > 0.99)
        #expect(line.fit(lag: Int(delay) * 8 + 8, in: range) < 0.9)
    }

    /// Webex takes whole prompts, and begins to play them when it likes.
    @Test func aWholePromptIsFoundHoweverLateItIsPlayed() throws {
        var pacing = CallResponseTests.unit
        pacing.playbackOffsetLimit = .milliseconds(4000)
        let line = EchoLine(pacing: pacing, delay: 60, platformDelay: 400)
        line.run(.milliseconds(200), packet: .milliseconds(20))
        let response = try #require(line.rig.call.beginResponse(allowsBargeIn: false))
        line.rig.play(Self.speech(6), in: response)
        line.rig.call.endResponse(response, now: line.rig.now)
        line.run(.milliseconds(5000), packet: .milliseconds(20))
        #expect(line.fit(lag: 460 * 8, in: 12_000..<40_000) > 0.99)
    }

    @Test func aClearEndsWhatIsHeard() throws {
        let line = EchoLine(delay: 100)
        line.run(.milliseconds(200), packet: .milliseconds(20))
        let response = try #require(line.rig.call.beginResponse(allowsBargeIn: false))
        line.rig.play(Self.speech(4), in: response)
        line.run(.milliseconds(1000), packet: .milliseconds(20))
        line.rig.call.clear(now: line.rig.now)
        line.rig.fetch()
        line.run(.milliseconds(500), packet: .milliseconds(20))
        // Up to the clear it is the prompt, after it nothing.
        #expect(line.fit(lag: 800, in: 3000..<9600) > 0.99)
        #expect(line.reference[9600..<13_600].allSatisfy { $0 == nil || $0 == 0 })
        let next = try #require(line.rig.call.beginResponse(allowsBargeIn: false))
        line.rig.play(Self.speech(2), in: next)
        line.run(.milliseconds(1200), packet: .milliseconds(20))
        #expect(line.fit(lag: 800, in: 14_600..<22_000) > 0.99)
    }

    @Test func anUnderrunIsAGapInBoth() throws {
        let line = EchoLine(delay: 150)
        line.run(.milliseconds(200), packet: .milliseconds(20))
        let response = try #require(line.rig.call.beginResponse(allowsBargeIn: false))
        let speech = Self.speech(3)
        line.rig.play(Array(speech[0..<8000]), in: response)
        line.run(.milliseconds(1500), packet: .milliseconds(20))
        line.rig.play(Array(speech[8000...]), in: response)
        line.run(.milliseconds(1400), packet: .milliseconds(20))
        #expect(line.rig.events.contains(.underrun(response)))
        #expect(line.fit(lag: 1200, in: 3000..<24_000) > 0.99)
    }

    @Test(arguments: [
        AudioFormat.pcma8000, AudioFormat(.linear16LittleEndian, rate: .hz8000),
        AudioFormat(.linear16LittleEndian, rate: .hz16000),
    ])
    func anyEgressIsHeardAt8Kilohertz(egress: AudioFormat) throws {
        let line = EchoLine(delay: 120, egress: egress)
        line.run(.milliseconds(200), packet: .milliseconds(20))
        let response = try #require(line.rig.call.beginResponse(allowsBargeIn: false))
        line.rig.play(Signal.voice(.milliseconds(3000)), in: response)
        line.run(.milliseconds(2500), packet: .milliseconds(20))
        // The filter down to 8 kHz is allowed for, to the sample.
        #expect(line.fit(lag: 960, in: 8000..<19_000) > 0.99)
    }

    @Test func packetsOfAnyLengthAreGivenTheSame() throws {
        var references: [[Int]] = []
        for packet in [64, 320, 1600] {
            let rig = CallRig()
            let response = try #require(rig.call.beginResponse(allowsBargeIn: false))
            rig.play(Self.speech(3), in: response)
            var hashes: [Int] = []
            let audio = Signal.silence(.milliseconds(2000))
            for offset in stride(from: 0, to: audio.count, by: packet) {
                rig.wait(SampleRate.hz8000.duration(of: packet))
                rig.arrive(Array(audio[offset..<(offset + packet)]))
                // The last block of each 200 ms can be seen whatever the packets are.
                if (offset + packet) % 1600 == 0 { hashes.append(rig.call.lastHeard.hashValue) }
            }
            references.append(hashes)
        }
        #expect(references[0].count == 10)
        #expect(Set(references[0]).count > 8)
        #expect(references[1] == references[0])
        #expect(references[2] == references[0])
    }

    @Test func aClockThatWandersMovesNothing() throws {
        var random = SeededGenerator(seed: 5)
        let line = CallRig()
        let response = try #require(line.call.beginResponse(allowsBargeIn: false))
        let speech = Self.speech(8)
        line.play(speech, in: response)
        let sent = CallRig.throughMuLaw(speech)
        // Packets come up to 15 ms late, the caller's clock runs 0.1 % slow.
        var late = MediaDuration.zero
        var first: Int?
        for index in 0..<390 {
            line.wait(.microseconds(20_020) - late)
            late = .milliseconds(.random(in: 0..<15, using: &random))
            line.wait(late)
            line.arrive(Signal.silence(.milliseconds(20)))
            guard index % 16 == 15, let block = line.call.lastHeard, index < 380 else { continue }
            let expected = (index + 1) * 160 - 64
            let place = try #require(
                (max(0, expected - 400)..<(expected + 400)).first {
                    Array(sent[$0..<($0 + 64)]) == block
                })
            // The distance between the caller's samples and the bot's stays to the sample.
            if first == nil { first = place - expected }
            #expect(place - expected == first)
        }
        #expect(first != nil)
    }
}
