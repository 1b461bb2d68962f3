// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// G.711 mu-law as the synthetic platforms speak it.
///
/// A second, table-based implementation on purpose: the server's codec is arithmetic, and a mistake
/// shared by both ends of a test call would cancel out unheard.
package enum MuLaw {
    /// Positive zero.
    package static let silence: UInt8 = 0xFF

    /// What a code sounds like: inverse of the 14-bit companding law of G.711 table 2a, scaled to
    /// 16 bits.
    package static let linear: [Int16] = (0..<256).map { code in
        let inverted = ~code & 0xFF
        let chord = inverted >> 4 & 7
        let step = inverted & 0xF
        let magnitude = ((2 * step + 33) << chord - 33) << 2
        return Int16(inverted & 0x80 != 0 ? -magnitude : magnitude)
    }

    package static func encode(_ sample: Int16) -> UInt8 {
        // Ones' complement of negatives, as the reference of ITU-T G.191 has it.
        let magnitude = min(Int(sample < 0 ? ~sample : sample) >> 2 + 33, 0x1FFF)
        let chord = Int.bitWidth - magnitude.leadingZeroBitCount - 6
        let step = magnitude >> (chord + 1) & 0xF
        return ~UInt8((sample < 0 ? 0x80 : 0) | chord << 4 | step)
    }

    package static func encode(_ samples: [Int16]) -> [UInt8] {
        samples.map { encode($0) }
    }

    package static func decode(_ codes: [UInt8]) -> [Int16] {
        let linear = linear
        return codes.map { linear[Int($0)] }
    }

    /// The magnitude of a code in steps of the law, 0...127: it grows with the amplitude, so
    /// loudness can be compared without decoding.
    @inline(__always)
    package static func magnitude(_ code: UInt8) -> UInt8 {
        ~code & 0x7F
    }

    /// The smallest magnitude that counts as sound: an amplitude of 212, about -44 dBov. Comfort
    /// noise stays under it, speech does not.
    package static let soundMagnitude: UInt8 = 21
}
