// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SpeechDetection

@Suite struct BlockShapeTests {
    /// The definition, sample by sample.
    private func sums(_ samples: [Int16]) -> (squares: Int64, changes: Int64, bends: Int64) {
        var before = Int64(samples[0])
        var slope: Int64 = 0
        var result: (squares: Int64, changes: Int64, bends: Int64) = (0, 0, 0)
        for sample in samples.map(Int64.init) {
            let step = sample - before
            result.squares += sample * sample
            result.changes += step * step
            result.bends += (step - slope) * (step - slope)
            slope = step
            before = sample
        }
        return result
    }

    @Test(arguments: [3, 7, 8, 9, 10, 63, 64, 65, 384])
    func itsSumsAreExactAtAnyLengthAndLevel(count: Int) {
        var random = SeededRandom(seed: 11)
        for peak: Float in [3, 800, 40_000] {
            let samples = (0..<count).map { _ in
                Int16(max(-32_768, min(32_767, random.sample() * peak)))
            }
            let expected = sums(samples)
            let shape = BlockShape(samples.span)
            let total = samples.reduce(0) { $0 + Int($1) }
            let scale = 1 / Float(count)
            let mean = Float(total) * scale
            #expect(shape.power == max(0, Float(expected.squares) * scale - mean * mean))
            #expect(shape.change == Float(expected.changes) * scale)
            #expect(shape.bend == Float(expected.bends) * scale)
            #expect(shape.sum == total)
            #expect(shape.least == samples.min())
            #expect(shape.most == samples.max())
        }
    }

    @Test func theLargestDifferencesDoNotOverflow() {
        let samples = (0..<64).map { $0 % 2 == 0 ? Int16.min : Int16.max }
        let expected = sums(samples)
        let shape = BlockShape(samples.span)
        #expect(shape.change == Float(expected.changes) / 64)
        #expect(shape.bend == Float(expected.bends) / 64)
    }
}
