// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Adds up the evidence of an interruption, block by block, until it is enough.
///
/// A block adds its logit, limited to 3 either way and less a half; the sum stays between 0 and one
/// and a half times the threshold. It fires once and is armed again after 200 ms without evidence.
/// A value with no allocation, owned by one call.
struct BargeInScore: Sendable {
    private static let limit: Float = 3
    private static let drain: Float = 0.5
    private static let ceiling: Float = 1.5
    /// A block below this logit holds nothing of the caller.
    private static let quietLogit: Float = -1
    private static let quietBlocksToArm = 25
    /// Share of the threshold from which on evidence that fades is worth a record.
    private static let notable: Float = 0.5
    /// The sum from which on a voice is taken for the caller's: two blocks of no doubt.
    private static let suggestive: Float = 4

    let threshold: Float
    private(set) var sum: Float = 0
    /// Whether it has fired and the caller has not been quiet since.
    private(set) var hasFired = false
    /// Blocks since the sum left zero.
    private(set) var age = 0
    private var quietBlocks = 0
    private var peak: Float = 0

    init(sensitivity: BargeInSensitivity) {
        threshold = sensitivity.evidence
    }

    /// Whether there is enough to take a voice for the caller's.
    var suggestsCaller: Bool { hasFired || sum >= Self.suggestive }

    /// Whether nothing speaks for the caller.
    var isIdle: Bool { sum == 0 }

    mutating func observe(logit: Float) -> BargeInEvidence.Verdict? {
        let gain = min(max(logit, -Self.limit), Self.limit) - Self.drain
        sum = min(max(sum + gain, 0), Self.ceiling * threshold)
        quietBlocks = logit < Self.quietLogit ? quietBlocks &+ 1 : 0
        if quietBlocks >= Self.quietBlocksToArm {
            hasFired = false
        }
        guard sum > 0 else {
            let fades = peak >= Self.notable * threshold && peak < threshold
            peak = 0
            age = 0
            return fades ? .held : nil
        }
        age &+= 1
        peak = max(peak, sum)
        guard sum >= threshold, !hasFired else { return nil }
        hasFired = true
        return .fired
    }

    /// Forgets everything: there is nothing to interrupt.
    mutating func reset() {
        sum = 0
        hasFired = false
        age = 0
        quietBlocks = 0
        peak = 0
    }
}
