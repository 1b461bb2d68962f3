// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

/// Floors for what the filters do to a signal, for every pair of rates between 8, 16, 24 and 48 kHz.
/// Frequencies are given for a lower rate of 8 kHz and grow with it.
@Suite struct ResamplerQualityTests {
    private static let amplitude = 30_000.0

    /// 120 ms of output without the first and last 20 ms.
    private func steady(_ hertz: Double, _ pair: RatePair) -> ArraySlice<Int16> {
        let tone = Tone(hertz: hertz, amplitude: Self.amplitude)
        let input = tone.samples(pair.from.hertz * 16 / 100, at: pair.from)
        let output = resample(input, pair, chunks: [pair.from.hertz / 50])
        let edge = pair.to.hertz / 50
        return output[edge..<(output.count - edge)]
    }

    private func scale(_ pair: RatePair) -> Double {
        Double(min(pair.from.hertz, pair.to.hertz)) / 8000
    }

    @Test(arguments: RatePair.own)
    func theVoiceBandIsFlat(pair: RatePair) {
        for hertz in [50.0, 300, 1000, 1700, 2400, 2900, 3200, 3300, 3400] {
            let exact = hertz * scale(pair)
            let fitted = Tone.fit(exact, in: steady(exact, pair), at: pair.to)
            let gain = Tone.decibels(fitted.amplitude / Self.amplitude)
            #expect(abs(gain) <= 0.1, "\(gain) dB at \(exact) Hz")
        }
    }

    @Test(arguments: RatePair.own)
    func distortionAndNoiseAreThatOfRounding(pair: RatePair) {
        for hertz in [333.0, 1000, 2000, 3100] {
            let exact = hertz * scale(pair)
            let fitted = Tone.fit(exact, in: steady(exact, pair), at: pair.to)
            let ratio = Tone.decibels(fitted.amplitude / 2.0.squareRoot() / fitted.residual)
            #expect(ratio >= 87, "\(ratio) dB at \(exact) Hz")
        }
    }

    @Test(arguments: RatePair.own.filter { $0.to.hertz > $0.from.hertz })
    func imagesAreSuppressed(pair: RatePair) {
        for hertz in [100.0, 1000, 2500, 3000, 3400, 3600, 3700] {
            let exact = hertz * scale(pair)
            let output = steady(exact, pair)
            var image = Double(pair.from.hertz) - exact
            while image < Double(pair.to.hertz) / 2 {
                let fitted = Tone.fit(image, in: output, at: pair.to)
                let level = Tone.decibels(fitted.amplitude / Self.amplitude)
                #expect(level <= -86, "\(level) dB at \(image) Hz, image of \(exact) Hz")
                image += Double(pair.from.hertz)
            }
        }
    }

    @Test(arguments: RatePair.own.filter { $0.to.hertz < $0.from.hertz })
    func aliasesAreSuppressed(pair: RatePair) {
        let highest = Double(pair.from.hertz) / 2
        for hertz in [4300.0, 4350, 4400, 4500, 4700, 5000, 5900, 7000, 7900, 9100, 11_500, 20_000]
        {
            let exact = hertz * scale(pair)
            guard exact < highest else { continue }
            // All that comes out is alias, or the rounding of nothing.
            let level = Tone.decibels(
                max(Tone.rms(steady(exact, pair)), 1e-6) * 2.0.squareRoot() / Self.amplitude)
            #expect(level <= -86, "\(level) dB from \(exact) Hz")
        }
    }

    /// Everything in the voice band that libspeexdsp's quality 5 passes, ours passes the same.
    @Test(arguments: RatePair.own)
    func theVoiceBandIsThatOfTheOracle(pair: RatePair) {
        // Noise from tones up to 3.3 kHz that never line up.
        var random = SeededRandom(seed: 55)
        let count = pair.from.hertz / 5
        var mixed = [Double](repeating: 0, count: count)
        for _ in 0..<24 {
            let hertz = Double.random(in: 80...3300, using: &random) * scale(pair)
            let tone = Tone(hertz: hertz, amplitude: 1_000).samples(count, at: pair.from)
            let start = Int.random(in: 0..<count, using: &random)
            for index in start..<count {
                mixed[index] += Double(tone[index])
            }
        }
        let input = mixed.map { Int16(max(-32_768, min(32_767, $0))) }

        var ours = Resampler(from: pair.from, to: pair.to)
        let own = process(input, &ours).dropFirst(ours.delayCount)
        var oracle = SpeexResampler(from: pair.from, to: pair.to)
        let made = input.count * pair.to.hertz / pair.from.hertz
        var expected = [Int16](repeating: 0, count: made)
        var target = expected.mutableSpan
        oracle.process(input.span, writing: made, into: &target)
        let other = expected.dropFirst(oracle.delayCount)

        let error = zip(own, other).reduce(0.0) { sum, pair in
            let difference = Double(pair.0) - Double(pair.1)
            return sum + difference * difference
        }
        let power = other.prefix(own.count).reduce(0.0) { $0 + Double($1) * Double($1) }
        let ratio = Tone.decibels((power / error).squareRoot())
        // Tones that start abruptly have energy above the voice band, where the filters differ.
        #expect(ratio >= 40, "\(ratio) dB")
    }
}
