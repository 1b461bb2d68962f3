// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// The judgement of one block from its features: the logit of its being the caller's voice.
struct BargeInNet: Sendable {
    private let net = BargeInWeights.net
    private let weights = BargeInWeights.linear
    private let bias = BargeInWeights.linearBias

    func logit(_ features: BargeInFeatures) -> Float { net.logit(features.inputs.span) }

    /// The best that a weighted sum of the same features can do, to tell what the net is worth.
    func linear(_ features: BargeInFeatures) -> Float {
        var sum = bias[0]
        for index in features.inputs.indices {
            sum += weights[index] * features.inputs[index]
        }
        return sum
    }
}
