// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import SpeechDetection
import Testing

@Suite struct SmallNetTests {
    private func numbers(_ count: Int, _ random: inout SeededRandom, scale: Float = 1) -> [Float] {
        (0..<count).map { _ in random.sample() * scale }
    }

    @Test(arguments: [8, 16, 24, 32, 40, 48, 56, 64])
    func theOutputIsThatOfALayerOfTanhUnits(hidden: Int) {
        var random = SeededRandom(seed: UInt64(hidden))
        let weights = numbers(60 * hidden, &random, scale: 0.5)
        let (bias, output) = (numbers(hidden, &random), numbers(hidden, &random))
        let net = SmallNet(weights: weights, bias: bias, output: output, outputBias: 0.25)
        for _ in 0..<10 {
            let inputs = numbers(60, &random, scale: 2)
            var exact = 0.25
            for unit in 0..<hidden {
                var sum = Double(bias[unit])
                for input in 0..<60 {
                    sum += Double(weights[input * hidden + unit]) * Double(inputs[input])
                }
                exact += tanh(sum) * Double(output[unit])
            }
            // Each unit may be 0.0014 off.
            #expect(abs(Double(net.logit(inputs.span)) - exact) < 0.0014 * Double(hidden))
        }
    }

    @Test func unitsSaturateWhateverComesIn() {
        let net = SmallNet(
            weights: [Float](repeating: 1, count: 16), bias: [Float](repeating: 0, count: 8),
            output: [Float](repeating: 1, count: 8), outputBias: 0)
        #expect(net.logit([1e30, 1e30].span) == 8)
        #expect(net.logit([-1e30, -1e30].span) == -8)
        #expect(net.logit([0, 0].span) == 0)
    }

    /// The digest was made by the baseline build of the kernels and by the one for AVX2.
    @Test func everyMachineGivesTheSameBits() {
        var random = SeededRandom(seed: 9)
        var digest = BitDigest()
        for hidden in [24, 32] {
            let net = SmallNet(
                weights: numbers(132 * hidden, &random, scale: 0.3),
                bias: numbers(hidden, &random), output: numbers(hidden, &random),
                outputBias: -1)
            for _ in 0..<100 {
                digest.add(net.logit(numbers(132, &random, scale: 3).span))
            }
        }
        #expect(digest.value == 8_560_564_635_032_568_924)
    }
}
