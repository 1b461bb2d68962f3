// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CAllocationCounter
import Foundation
import SpeechDetection
import Testing

@Suite struct SpeechDetectorTests {
    /// Syllables between `from` and `to` seconds, faint noise everywhere.
    private func line(seconds: Double, voice from: Double, to end: Double) -> [Int16] {
        var noise: UInt32 = 1
        return (0..<Int(seconds * 8000)).map { index in
            let time = Double(index) / 8000
            noise = noise &* 1_664_525 &+ 1_013_904_223
            var sample = (Double(noise >> 16) / 65_536 - 0.5) * 12
            if time >= from, time < end {
                let syllable = 0.6 + 0.4 * sin(2 * .pi * time / 0.2)
                for harmonic in 1...20 {
                    let frequency = 130.0 * Double(harmonic)
                    sample +=
                        4000 * syllable * exp(-pow((frequency - 600) / 350, 2))
                        * sin(2 * .pi * frequency * time)
                }
            }
            return Int16(clamping: Int(sample))
        }
    }

    private func decisions(_ samples: [Int16], chunk: Int, audible: Bool = false)
        -> [SpeechDecision]
    {
        var detector = SpeechDetector(rate: .hz8000, profile: .responsive)
        var found: [SpeechDecision] = []
        var offset = 0
        while offset < samples.count {
            let end = min(offset + chunk, samples.count)
            while offset < end {
                let (count, decision) = detector.consume(
                    samples.span.extracting(offset..<end), botIsAudible: audible)
                offset += count
                if let decision { found.append(decision) }
            }
        }
        return found
    }

    @Test func aTalkspurtIsOneTurnWithItsEdgesInPlace() throws {
        let found = decisions(line(seconds: 3, voice: 1, to: 1.8), chunk: 160)
        let changes = found.compactMap(\.change)
        guard case .started(let onset)? = changes.first, case .ended(let end)? = changes.last else {
            Issue.record("No turn was found")
            return
        }
        #expect(changes.count == 3)
        #expect(abs(onset.index - 8000) <= 480)
        // The detector alone holds on for 80 ms and more; the level gate cuts that.
        #expect(abs(end.index - 14_400) <= 400)
    }

    @Test(arguments: [1, 3, 79, 80, 81, 160, 1600, 24_000])
    func anyChunkingGivesTheSameDecisions(chunk: Int) {
        let samples = line(seconds: 3, voice: 0.7, to: 1.9)
        #expect(
            decisions(samples, chunk: chunk, audible: true)
                == decisions(samples, chunk: 160, audible: true))
    }

    @Test func voiceOverTheBotIsABargeInOnce() {
        let samples = line(seconds: 3, voice: 1, to: 2)
        #expect(decisions(samples, chunk: 160, audible: true).filter(\.isBargeIn).count == 1)
        #expect(decisions(samples, chunk: 160).filter(\.isBargeIn).isEmpty)
    }

    @Test func aLineWithFaintNoiseIsSilent() {
        #expect(
            decisions(line(seconds: 5, voice: 9, to: 9), chunk: 160).allSatisfy { !$0.isVoiced })
    }

    @Test func decidingAllocatesNothing() {
        guard allocation_counter_available() else { return }
        let samples = line(seconds: 2, voice: 0.5, to: 1.5)
        var detector = SpeechDetector(rate: .hz8000, profile: .responsive)
        var voiced = 0
        allocation_counter_start()
        var offset = 0
        while offset < samples.count {
            let (count, decision) = detector.consume(
                samples.span.extracting(offset..<samples.count), botIsAudible: true)
            offset += count
            if decision?.isVoiced == true { voiced += 1 }
        }
        let count = allocation_counter_stop()
        #expect(count == 0)
        #expect(voiced > 50)
    }
}
