// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// How finished a turn sounds so far, by the way its last voice was spoken.
///
/// Speakers end a turn on a lower pitch, more quietly and with a longer last syllable than they
/// speak before a pause of their own. Each of these says little; the weights were set on pauses
/// within and at the end of recorded prompts. A value of 200 bytes with no allocation.
struct Finality: Sendable {
    /// Voiced blocks that count as the end: 0.1 s.
    private static let depth = 12

    private var periods = Recent()
    private var levels = Recent()
    private var voiced = 0
    /// The pitched run that is going on or was the last, in samples, and how long it has stopped.
    private var run = 0
    private var sinceRun = 0

    /// The last values, and the sum of all.
    private struct Recent: Sendable {
        private var values = InlineArray<12, Float>(repeating: 0)
        private var count = 0
        private var sum: Double = 0

        mutating func append(_ value: Float) {
            values[count % Finality.depth] = value
            count += 1
            sum += Double(value)
        }

        /// The means of the last values and of all, when there are enough to tell them apart.
        var means: (last: Float, all: Float)? {
            guard count >= 2 * Finality.depth else { return nil }
            var last: Float = 0
            for index in 0..<Finality.depth { last += values[index] }
            return (last / Float(Finality.depth), Float(sum / Double(count)))
        }
    }

    /// Takes a block that counts as the caller's voice.
    mutating func observe(_ cue: EndpointCue) {
        voiced += cue.length
        levels.append(cue.level)
        if cue.period > 0 {
            periods.append(cue.period)
            // A single block without pitch does not break a syllable.
            if sinceRun > cue.length { run = 0 }
            sinceRun = 0
            run += cue.length
        } else {
            sinceRun += cue.length
        }
    }

    /// 0 where the caller will go on, 1 where nothing more is to be expected.
    /// - Parameters:
    ///   - length: samples since the turn began.
    ///   - second: samples of one second.
    func degree(length: Int, second: Int) -> Float {
        // Set by hand after a logistic regression over the pauses of 600 recorded prompts.
        var degree: Float = 0.45
        if let (last, all) = periods.means, all > 0 {
            degree += 2 * max(-0.2, min(0.2, last / all - 1.1))
        }
        if let (last, all) = levels.means {
            degree += 0.01 * max(-10, min(10, all - last - 8))
        }
        degree += min(0.5, Float(run) / Float(second)) - 0.25
        if length > second { degree += 0.15 }
        // Written so that a degree that is no number counts as 0.
        return degree > 0 ? min(degree, 1) : 0
    }
}
