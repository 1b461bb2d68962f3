// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A trained gated recurrent unit with one output.
///
/// A value of some pointers to memory that is never given back: make one for each set of weights,
/// once. Shared by every call; each call keeps a state of `unitCount` numbers, zero at
/// first. Weights are integers: those of inputs in units of 1/4096, those of the state in units of
/// 1/1024.
package struct RecurrentNet: Sendable {
    package static let unitCount = 24

    package let inputCount: Int
    private let layers: SpectralKernels.RecurrentLayers

    /// - Parameters:
    ///   - inputWeights: as `[input][reset, update, candidate][unit]`.
    ///   - stateWeights: as `[unit][reset, update, candidate][unit]`.
    /// - Precondition: the input count is a multiple of 8 up to 64, weights do not exceed 16 bits.
    package init(
        inputWeights: [Int], stateWeights: [Int], bias: [Float], output: [Float],
        outputBias: Float
    ) {
        let units = Self.unitCount
        inputCount = inputWeights.count / (3 * units)
        precondition(
            inputCount % 8 == 0 && (8...64).contains(inputCount)
                && inputWeights.count == inputCount * 3 * units
                && stateWeights.count == 3 * units * units
                && bias.count == 4 * units && output.count == units,
            "The layers do not fit together")
        layers = SpectralKernels.RecurrentLayers(
            inputWeights: Self.paired(inputWeights), stateWeights: Self.paired(stateWeights),
            bias: bias, output: output, outputBias: outputBias, inputCount: inputCount)
    }

    /// Moves `state` by one step and returns the output: a logit.
    package func step(_ inputs: Span<Float>, state: inout MutableSpan<Float>) -> Float {
        SpectralKernels.step(layers, inputs, state: &state)
    }

    /// Puts the weights of two rows side by side, as the kernel multiplies them.
    private static func paired(_ weights: [Int]) -> [Int16] {
        let width = 3 * unitCount
        var pairs: [Int16] = []
        for first in stride(from: 0, to: weights.count, by: 2 * width) {
            for place in first..<(first + width) {
                pairs.append(Int16(weights[place]))
                pairs.append(Int16(weights[place + width]))
            }
        }
        return pairs
    }
}
