// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A trained network of one hidden layer of tanh units with one output.
///
/// Immutable and shared by every call.
package final class SmallNet: Sendable {
    package let inputCount: Int
    package let hiddenCount: Int
    /// As `[input][hidden]`.
    let weights: [Float]
    let bias: [Float]
    let output: [Float]
    let outputBias: Float

    /// - Precondition: the input count is even, the hidden count a multiple of 8 up to 64.
    package init(weights: [Float], bias: [Float], output: [Float], outputBias: Float) {
        hiddenCount = bias.count
        precondition(
            hiddenCount % 8 == 0 && (8...64).contains(hiddenCount),
            "Hidden units are computed eight at a time")
        inputCount = weights.count / hiddenCount
        precondition(
            inputCount % 2 == 0 && weights.count == inputCount * hiddenCount
                && output.count == hiddenCount,
            "The layers do not fit together")
        self.weights = weights
        self.bias = bias
        self.output = output
        self.outputBias = outputBias
    }

    /// The output for `inputs`, of which there are `inputCount`: a logit.
    package func logit(_ inputs: Span<Float>) -> Float { SpectralKernels.run(self, inputs) }
}
