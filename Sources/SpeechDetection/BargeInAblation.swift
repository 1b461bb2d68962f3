// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Parts of the barge-in detector that an evaluation leaves out, to tell what they are worth.
///
/// Not a setting of the product: every part earns its place in the report.
package struct BargeInAblation: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// Stage 1 only: no canceller.
    package static let levelsOnly = BargeInAblation(rawValue: 1)
    /// Echo is expected at the locked delay only.
    package static let singleDelay = BargeInAblation(rawValue: 2)
    /// The return gain stays where it starts.
    package static let fixedGain = BargeInAblation(rawValue: 4)
    /// A weighted sum of the features in place of the net.
    package static let linearScore = BargeInAblation(rawValue: 8)
}
