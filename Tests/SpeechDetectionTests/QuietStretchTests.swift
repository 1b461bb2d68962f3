// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import SpeechDetection

@Suite struct QuietStretchTests {
    /// Noise, and from `voice` on a voice in it.
    private func line(_ seconds: Int, voice: Int) -> [Int16] {
        var noise = SeededRandom(seed: 3)
        var speaker = SyntheticVoice(seed: 5)
        let speech = speaker.samples(seconds: 1)
        return (0..<seconds * 8000).map { index in
            let inside = speech.indices.contains(index - voice)
            let sample = 40 * noise.sample() + (inside ? speech[index - voice] : 0)
            return Int16(max(-32_768, min(32_767, sample)).rounded())
        }
    }

    private func onset(of samples: [Int16]) -> SamplePosition? {
        var detector = SpeechDetector(rate: .hz8000, profile: HearingProfile())
        let far: [Int16] = []
        var offset = 0
        while offset < samples.count {
            let (count, decision) = detector.consume(
                samples.span.extracting(offset..<samples.count), far: far.span, mayInterrupt: false)
            offset += count
            if case .started(let onset)? = decision?.change { return onset }
        }
        return nil
    }

    /// Wherever in a stretch the voice begins, none of it is passed over.
    @Test(arguments: Array(stride(from: 0, through: 512, by: 32)))
    func aVoiceAfterRestBeginsAtItsPlace(shift: Int) throws {
        let begin = 24_000 + shift
        let rested = try #require(onset(of: line(4, voice: begin)))
        #expect(abs(rested.index - Int64(begin)) <= 480)
    }

    @Test func aLineIsQuietUntilSomethingStirs() {
        let samples = line(3, voice: 20_000)
        var detector = SpeechDetector(rate: .hz8000, profile: HearingProfile())
        let far: [Int16] = []
        var quiet = 0
        for offset in stride(from: 0, to: 20_160, by: 160) {
            let packet = samples.span.extracting(offset..<offset + 160)
            let isQuiet = detector.isQuiet(packet)
            if (8000..<20_000).contains(offset), isQuiet { quiet += 1 }
            if offset < 1600 || offset >= 20_000 { #expect(!isQuiet) }
            var done = 0
            while done < 160 {
                done +=
                    detector.consume(
                        packet.extracting(done..<160), far: far.span, mayInterrupt: false
                    ).count
            }
        }
        // 75 packets of noise.
        #expect(quiet > 70)
    }

    @Test func keepsBlocksInOrder() {
        var stretch = QuietStretch()
        for index in 0..<QuietStretch.capacity {
            let far = [Int16](repeating: Int16(-index), count: index % 2 == 0 ? 64 : 0)
            stretch.append(
                QuietStretch.Block(repeating: Int16(index)), far: far.span,
                mayInterrupt: index == 3)
        }
        #expect(stretch.isFull)
        for index in 0..<QuietStretch.capacity {
            #expect(stretch.near(index)[63] == Int16(index))
            #expect(stretch.far(index).count == (index % 2 == 0 ? 64 : 0))
            #expect(stretch.far(index).block[0] == (index % 2 == 0 ? Int16(-index) : 0))
            #expect(stretch.mayInterrupt(index) == (index == 3))
        }
        stretch.clear()
        #expect(stretch.count == 0)
    }
}
