// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import SpeechDetection
import Testing

@Suite struct RecurrentNetTests {
    private static let units = RecurrentNet.unitCount

    private struct Weights {
        var input: [Int]
        var state: [Int]
        var bias: [Float]
        var output: [Float]

        init(inputs: Int, seed: UInt64) {
            var random = SeededRandom(seed: seed)
            let units = RecurrentNetTests.units
            input = (0..<(inputs * 3 * units)).map { _ in Int(random.sample() * 2000) }
            state = (0..<(units * 3 * units)).map { _ in Int(random.sample() * 600) }
            bias = (0..<(4 * units)).map { _ in random.sample() }
            output = (0..<units).map { _ in random.sample() }
        }

        var net: RecurrentNet {
            RecurrentNet(
                inputWeights: input, stateWeights: state, bias: bias, output: output,
                outputBias: 0.5)
        }

        /// A step by the unit's definition, in double.
        func step(_ inputs: [Float], _ state: inout [Double]) -> Double {
            let units = RecurrentNetTests.units
            func sum(_ gate: Int, _ unit: Int, _ values: [Double], _ weights: [Int]) -> Double {
                values.indices.reduce(0.0) {
                    $0 + values[$1] * Double(weights[$1 * 3 * units + gate * units + unit])
                }
            }
            let values = inputs.map(Double.init)
            var next = state
            var result = 0.5
            for unit in 0..<units {
                func given(_ gate: Int) -> Double { sum(gate, unit, values, input) / 4096 }
                func recalled(_ gate: Int) -> Double {
                    sum(gate, unit, state, self.state) / 1024
                }
                func bias(_ place: Int) -> Double { Double(self.bias[place * units + unit]) }
                let reset = 1 / (1 + exp(-given(0) - recalled(0) - bias(0)))
                let update = 1 / (1 + exp(-given(1) - recalled(1) - bias(1)))
                let candidate = tanh(given(2) + bias(2) + reset * (recalled(2) + bias(3)))
                next[unit] = candidate + update * (state[unit] - candidate)
                result += next[unit] * Double(output[unit])
            }
            state = next
            return result
        }
    }

    @Test(arguments: [8, 48, 64])
    func aStepIsThatOfAGatedUnit(inputs: Int) {
        let weights = Weights(inputs: inputs, seed: UInt64(inputs))
        let net = weights.net
        var random = SeededRandom(seed: 7)
        var state = [Float](repeating: 0, count: Self.units)
        for _ in 0..<20 {
            let values = (0..<inputs).map { _ in random.sample() * 2 }
            var exact = state.map(Double.init)
            let expected = weights.step(values, &exact)
            var span = state.mutableSpan
            let logit = net.step(values.span, state: &span)
            #expect(abs(Double(logit) - expected) < 0.05)
            for (unit, value) in state.enumerated() {
                #expect(abs(Double(value) - exact[unit]) < 0.005)
            }
        }
    }

    @Test func inputsOutOfRangeAreClamped() {
        var input = [Int](repeating: 0, count: 8 * 3 * Self.units)
        input[2 * Self.units] = 4096
        let zeros = [Float](repeating: 0, count: Self.units)
        let net = RecurrentNet(
            inputWeights: input, stateWeights: [Int](repeating: 0, count: 3 * 24 * 24),
            bias: [Float](repeating: 0, count: 4 * 24), output: zeros, outputBias: 1)
        for value in [1e30, -1e30] as [Float] {
            var state = zeros
            var span = state.mutableSpan
            _ = net.step([value, 0, 0, 0, 0, 0, 0, 0].span, state: &span)
            #expect(abs(state[0] - (value > 0 ? 0.5 : -0.5)) < 0.001)
        }
    }

    /// The digest was made by the baseline build of the kernels and by the one for AVX2.
    @Test func everyMachineGivesTheSameBits() {
        let net = Weights(inputs: 48, seed: 3).net
        var random = SeededRandom(seed: 4)
        var digest = BitDigest()
        var state = [Float](repeating: 0, count: Self.units)
        for _ in 0..<100 {
            let values = (0..<48).map { _ in random.sample() * 3 }
            var span = state.mutableSpan
            digest.add(net.step(values.span, state: &span))
        }
        #expect(digest.value == 4_792_499_829_015_679_413)
    }
}
