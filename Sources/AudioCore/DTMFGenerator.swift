// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Makes the tones of pressed keys (ITU-T Q.23), within the tolerances and beyond them.
///
/// A value that describes one keypad; synthetic callers and tests play it. It allocates what it
/// returns. The same input gives the same samples.
public struct DTMFGenerator: Hashable, Sendable {
    public var rate: SampleRate
    /// Level of the low tone in dBov: its power below that of a square wave of full scale.
    public var level: Double
    /// How far the high tone is above the low one, in dB: -8 to 4 is what receivers must take.
    public var twist: Double
    /// How long a key is held.
    public var on: MediaDuration
    /// The silence after each key.
    public var off: MediaDuration
    /// Share by which both tones are too high: 0.015 is what receivers must take.
    public var detuning: Double

    public init(
        rate: SampleRate, level: Double = -16, twist: Double = 0,
        on: MediaDuration = .milliseconds(100), off: MediaDuration = .milliseconds(100),
        detuning: Double = 0
    ) {
        self.rate = rate
        self.level = level
        self.twist = twist
        self.on = on
        self.off = off
        self.detuning = detuning
    }

    /// The samples of `digits` pressed one after the other, each followed by silence.
    public func samples(of digits: some Sequence<DTMFDigit>) -> [Int16] {
        let silence = [Int16](repeating: 0, count: rate.samples(in: off))
        return digits.flatMap { tone(of: $0) + silence }
    }

    /// The samples of one key held for ``on``, with no silence after it.
    public func tone(of digit: DTMFDigit) -> [Int16] {
        // A sine of RMS r has the amplitude r * sqrt(2).
        let low = 32_768 * 2.0.squareRoot() * pow(10, level / 20)
        let high = low * pow(10, twist / 20)
        let lowStep = step(digit.lowFrequency)
        let highStep = step(digit.highFrequency)
        return (0..<rate.samples(in: on)).map { index in
            let time = Double(index)
            let sum = low * sin(lowStep * time) + high * sin(highStep * time)
            return Int16(max(-32_768, min(32_767, sum.rounded())))
        }
    }

    private func step(_ frequency: Double) -> Double {
        2 * .pi * frequency * (1 + detuning) / Double(rate.hertz)
    }
}
