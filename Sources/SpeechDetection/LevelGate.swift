// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Separates the voice from a detector's hangover by level.
///
/// It follows the talkspurt's loudest block (falling slowly) and the noise floor (rising slowly);
/// a block passes when the detector is active and its energy is near enough to the one and far
/// enough above the other.
struct LevelGate: Sendable {
    /// A block this much below the talkspurt's peak is not voice: 32 dB as an energy ratio.
    private static let depth: Float = 1585
    /// A block must exceed the noise floor by 6 dB as an energy ratio.
    private static let margin: Float = 4
    /// Mean square below which nothing is voice: about -65 dBov.
    private static let silence: Float = 340

    private var peak: Float = 0
    private var floor: Float = 340

    mutating func passes(_ block: Span<Int16>, isActive: Bool) -> Bool {
        var sum: Int64 = 0
        for index in block.indices {
            let sample = Int64(block[index])
            sum &+= sample &* sample
        }
        let energy = Float(sum) / Float(block.count)
        // The peak halves in about 0.7 s of 10 ms blocks, so a quiet talkspurt follows a loud one.
        peak = max(energy, peak * 0.99)
        floor = energy < floor ? max(energy, 1) : min(floor * 1.01, Self.silence * 300)
        return isActive && energy > Self.silence && energy > floor * Self.margin
            && energy * Self.depth > peak
    }
}
