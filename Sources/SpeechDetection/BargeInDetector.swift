// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// Decides that the caller is interrupting the bot: enough voice while the bot is audible.
///
/// Voiced blocks add to the evidence and unvoiced ones take from it at half weight, so short
/// noises fade away and a word with a stop consonant in it does not start again from nothing.
/// It knows nothing of echo: on a line that returns the bot's own voice it fires on that.
public struct BargeInDetector: Sendable {
    private let required: Int
    private var evidence = 0
    private var hasFired = false

    public init(rate: SampleRate) {
        required = rate.samples(in: .milliseconds(100))
    }

    /// - Returns: true once per interruption, at the block that completes the evidence.
    public mutating func observe(isVoiced: Bool, blockLength: Int, botIsAudible: Bool) -> Bool {
        guard botIsAudible else {
            evidence = 0
            hasFired = false
            return false
        }
        if isVoiced {
            evidence = min(evidence + blockLength, required)
        } else {
            evidence = max(0, evidence - blockLength / 2)
        }
        if evidence == 0 {
            hasFired = false
        }
        guard evidence >= required, !hasFired else { return false }
        hasFired = true
        return true
    }
}
