// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import SpeechDetection
import Testing

@Suite struct AnalysisInputTests {
    private func blocks(_ samples: [Int16], rate: SampleRate, chunk: Int) -> [Float] {
        var input = AnalysisInput(rate: rate)
        var found: [Float] = []
        var offset = 0
        while offset < samples.count {
            let end = min(offset + chunk, samples.count)
            while offset < end {
                let remainder = input.blockRemainder
                let (count, isComplete) = input.append(samples.span.extracting(offset..<end))
                #expect(count == min(remainder, end - offset))
                #expect(isComplete == (count == remainder))
                offset += count
                if isComplete {
                    var block = InlineArray<64, Float>(repeating: 0)
                    input.copyBlock(into: &block)
                    found += (0..<64).map { block[$0] }
                }
            }
        }
        return found
    }

    @Test func eightKilohertzPassesAsItIs() {
        let samples = (0..<640).map { Int16(truncatingIfNeeded: $0 &* 7919) }
        #expect(blocks(samples, rate: .hz8000, chunk: 100) == samples.map(Float.init))
    }

    @Test(arguments: [8000, 16_000, 24_000, 32_000, 48_000])
    func anyRateAndChunkingGivesTheSameBlocks(hertz: Int) {
        let rate = SampleRate(hertz: hertz)
        let samples = (0..<(hertz / 10)).map { index in
            Int16(8000 * sin(2 * Double.pi * 440 * Double(index) / Double(hertz)))
        }
        let whole = blocks(samples, rate: rate, chunk: samples.count)
        #expect(whole.count == 12 * 64)
        #expect(blocks(samples, rate: rate, chunk: 1) == whole)
        #expect(blocks(samples, rate: rate, chunk: 97) == whole)
        // The tone is there at its level once the resampler has filled.
        let power = whole[256...].reduce(0) { $0 + $1 * $1 } / Float(whole.count - 256)
        #expect(abs(power / 32_000_000 - 1) < 0.05)
    }

    @Test func aResetForgetsWhatHasBegun() {
        var input = AnalysisInput(rate: .hz16000)
        let loud = [Int16](repeating: 20_000, count: 100)
        _ = input.append(loud.span)
        input.reset()
        #expect(input.blockRemainder == 128)
        let silence = [Int16](repeating: 0, count: 128)
        let (_, isComplete) = input.append(silence.span)
        #expect(isComplete)
        var block = InlineArray<64, Float>(repeating: 0)
        input.copyBlock(into: &block)
        #expect((0..<64).allSatisfy { block[$0] == 0 })
    }

    @Test func ratesWithoutWholeBlocksAreRefused() {
        #expect(AnalysisInput.supports(.hz8000))
        #expect(AnalysisInput.supports(SampleRate(hertz: 32_000)))
        #expect(!AnalysisInput.supports(SampleRate(hertz: 22_050 + 1)))
        #expect(!AnalysisInput.supports(SampleRate(hertz: 2000)))
    }
}
