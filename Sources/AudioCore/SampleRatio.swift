// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Counts how many samples of one rate correspond to samples of another, without drift.
struct SampleRatio: Sendable {
    /// Output samples for every `down` input samples; the two have no common factor.
    let up: Int
    let down: Int
    /// Whether an output that is partly covered by the inputs so far is already counted.
    private let roundsUp: Bool
    /// Inputs so far, counted within one block of the ratio.
    private(set) var position = 0

    init(from: SampleRate, to: SampleRate, roundsUp: Bool) {
        var (larger, smaller) = (from.hertz, to.hertz)
        while smaller != 0 {
            (larger, smaller) = (smaller, larger % smaller)
        }
        up = to.hertz / larger
        down = from.hertz / larger
        self.roundsUp = roundsUp
    }

    /// Outputs that `inputCount` more inputs make due.
    func outputCount(for inputCount: Int) -> Int {
        total(position + inputCount) - total(position)
    }

    /// Outputs that the inputs so far cover in part and that are not yet counted: 0 or 1.
    var partialCount: Int { (position * up + down - 1) / down - total(position) }

    mutating func advance(by inputCount: Int) {
        position = (position + inputCount) % down
    }

    mutating func reset() {
        position = 0
    }

    private func total(_ inputs: Int) -> Int {
        (inputs * up + (roundsUp ? down - 1 : 0)) / down
    }
}
