// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// What a line is like while nobody speaks on it: the power of its blocks, and of their first and
/// second differences, so that a soft consonant over a deep hum is no part of it.
///
/// A value with no allocation, owned by one call.
struct RestingShape: Sendable {
    /// Blocks after which it is known: 0.13 s.
    private static let maturity = 16
    private static let share: Float = 0.1
    /// How far a stretch may lie above it, as a ratio of powers. A block of noise does so once in
    /// ten thousand.
    private static let margin: Float = 1.8
    /// One step of a codec makes noise out of silence.
    private static let step: Float = 40

    private var power: Float = 0
    private var change: Float = 0
    private var bend: Float = 0
    private var blocks = 0

    /// Takes a block in which nothing stood out.
    mutating func observe(_ shape: BlockShape) {
        let share = max(Self.share, 1 / Float(blocks &+ 1))
        power += share * (shape.power - power)
        change += share * (shape.change - change)
        bend += share * (shape.bend - bend)
        blocks = min(blocks &+ 1, Self.maturity)
    }

    /// Whether `shape` is that of more of the same.
    func covers(_ shape: BlockShape) -> Bool {
        blocks == Self.maturity && shape.power < Self.margin * power + Self.step
            && shape.change < Self.margin * change + Self.step
            && shape.bend < Self.margin * bend + 4 * Self.step
    }
}
