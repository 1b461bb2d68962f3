// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Foundation
package import NIOCore

/// The background of a line: Gaussian noise of a fixed level, the same for the same seed.
///
/// It is made once as a loop and shared by every call that uses it; a call only chooses where in
/// the loop it begins.
public struct ComfortNoise: Hashable, Sendable {
    /// Level in dBov; `-.infinity` is digital silence.
    public let level: Float
    /// One round of the loop, linear, 8 kHz.
    package let samples: [Int16]
    /// The same samples as mu-law.
    package let encoded: [UInt8]
    /// The same, to be lent to a network without a copy.
    package let octets: ByteBuffer

    /// Digital silence.
    public static let silence = ComfortNoise()

    /// - Parameters:
    ///   - level: in dBov; a quiet line has about -65, a noisy room -45.
    ///   - seed: equal seeds give equal noise.
    public init(level: Float, seed: UInt64) {
        precondition(level <= -20, "Comfort noise lies under the speech: at most -20 dBov")
        self.level = level
        var generator = SeededGenerator(seed: seed)
        let amplitude = Double(Level.amplitude(dBov: level))
        samples = (0..<Self.length).map { _ in
            // Box-Muller; the first variate must not be zero.
            let radius = (-2 * log(Double.random(in: 0x1p-53..<1, using: &generator))).squareRoot()
            let angle = 2 * Double.pi * Double.random(in: 0..<1, using: &generator)
            return Int16(clamping: Int((amplitude * radius * cos(angle)).rounded()))
        }
        encoded = MuLaw.encode(samples)
        octets = ByteBuffer(bytes: encoded)
    }

    private init() {
        level = -.infinity
        samples = [Int16](repeating: 0, count: Self.length)
        encoded = [UInt8](repeating: MuLaw.silence, count: Self.length)
        octets = ByteBuffer(bytes: encoded)
    }

    /// 2.56 s: long enough that nobody hears the loop, short enough to stay in the cache.
    private static let length = 20_480
}
