// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Numbers that look random and are the same in every run (xorshift).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }

    /// Uniform in -1..<1, in steps that a Float holds exactly.
    mutating func sample() -> Float {
        Float(Int32(truncatingIfNeeded: next() >> 40) - (1 << 23)) / Float(1 << 23)
    }
}

/// A digest of floats, bit by bit (FNV-1a).
struct BitDigest {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ number: Float) {
        var bits = number.bitPattern
        for _ in 0..<4 {
            value = (value ^ UInt64(bits & 0xFF)) &* 0x100_0000_01B3
            bits >>= 8
        }
    }
}
