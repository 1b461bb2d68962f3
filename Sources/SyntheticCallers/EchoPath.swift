// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
package import NIOCore

/// The line's echo: what the caller hears comes back on their side, later and quieter.
///
/// A bulk delay, then a few reflections within 4 ms, as a handset has them. It is linear and does
/// not change during the call.
public struct EchoPath: Hashable, Sendable {
    /// Echo return loss in dB: level of what is heard minus level of its echo, on white noise.
    public let returnLoss: Double
    /// From the caller's ear to the first reflection.
    public let delay: MediaDuration

    private struct Reflection: Hashable {
        var delay: Int
        var gain: Float
    }

    private let reflections: [Reflection]
    private let linear = MuLaw.linear

    /// - Precondition: the delay is not negative.
    public init(returnLoss: Double, delay: MediaDuration) {
        precondition(delay >= .zero, "An echo comes after what it echoes")
        self.returnLoss = returnLoss
        self.delay = delay
        let shape: [(delay: Int, gain: Float)] = [(0, 1), (5, 0.45), (13, -0.3), (29, 0.15)]
        let energy = shape.reduce(0) { $0 + $1.gain * $1.gain }
        let scale = Level.amplitude(dBov: -Float(returnLoss)) / Level.amplitude(dBov: 0)
        let bulk = SampleRate.hz8000.samples(in: delay)
        reflections = shape.map {
            Reflection(delay: bulk + $0.delay, gain: scale * $0.gain / energy.squareRoot())
        }
    }

    /// Adds the echo of `heard` to the mu-law octets of `voice` from `index` on, the first of which
    /// is sample `position` of the call.
    package func add(
        to voice: inout ByteBuffer, from index: Int, position: Int, heard: PlaybackBuffer
    ) {
        for offset in 0..<(voice.writerIndex - index) {
            var echo: Float = 0
            for reflection in reflections {
                let code = heard.code(at: position + offset - reflection.delay)
                echo += reflection.gain * Float(linear[Int(code)])
            }
            guard abs(echo) >= 1, let code: UInt8 = voice.getInteger(at: index + offset) else {
                continue
            }
            let sum = Int32(linear[Int(code)]) + Int32(echo.rounded())
            voice.setInteger(MuLaw.encode(Int16(clamping: sum)), at: index + offset)
        }
    }
}
