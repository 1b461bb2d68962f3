// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// G.711 as its tables define it: decision values, and decoded values in the middle between them.
/// Scalar, by search, sharing no step with the kernels under test.
struct ReferenceG711 {
    /// Magnitudes at which the codes begin, on the law's own scale, and the end of the last.
    private let decisions: [Int]
    /// 16-bit samples for one step of the law's scale.
    private let scale: Int
    /// What the bits of a positive code are inverted with on the line.
    private let inversion: UInt8
    private let decoded: [Int]

    /// Table 2 of G.711: 14 bits, a first segment of a half step and fifteen of 2, then seven
    /// segments of sixteen, each twice as wide as the one before.
    static let muLaw = ReferenceG711(
        steps: [1] + Array(repeating: 2, count: 15)
            + (1...7).flatMap { Array(repeating: 2 << $0, count: 16) },
        scale: 4, inversion: 0xFF, firstIsZero: true)

    /// Table 1 of G.711: 12 bits, two segments of steps of 1, then six that double.
    static let aLaw = ReferenceG711(
        steps: Array(repeating: 1, count: 32)
            + (1...6).flatMap { Array(repeating: 1 << $0, count: 16) },
        scale: 16, inversion: 0xD5, firstIsZero: false)

    private init(steps: [Int], scale: Int, inversion: UInt8, firstIsZero: Bool) {
        let decisions = steps.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        self.decisions = decisions
        self.scale = scale
        self.inversion = inversion
        var decoded = (0..<128).map { (decisions[$0] + decisions[$0 + 1]) * scale / 2 }
        if firstIsZero {
            decoded[0] = 0
        }
        self.decoded = decoded
    }

    /// - Parameter onesComplement: As G.191 takes the magnitude of negative samples; the older public
    ///   code negates.
    func encode(_ sample: Int16, onesComplement: Bool = true) -> UInt8 {
        let magnitude = sample >= 0 ? Int(sample) : (onesComplement ? ~Int(sample) : -Int(sample))
        let step = magnitude / scale
        let code = UInt8((0..<128).last { decisions[$0] <= step } ?? 0)
        return code ^ inversion ^ (sample < 0 ? 0x80 : 0)
    }

    func decode(_ byte: UInt8) -> Int16 {
        let code = byte ^ inversion
        let magnitude = decoded[Int(code & 0x7F)]
        return Int16(code & 0x80 == 0 ? magnitude : -magnitude)
    }
}
