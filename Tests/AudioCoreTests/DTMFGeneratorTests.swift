// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import Testing

@Suite struct DTMFGeneratorTests {
    /// Level in dBov of the tone of `frequency` in samples.
    private func level(_ samples: [Int16], _ frequency: Double, _ rate: SampleRate) -> Double {
        var real = 0.0
        var imaginary = 0.0
        for (index, sample) in samples.enumerated() {
            let phase = 2 * .pi * frequency * Double(index) / Double(rate.hertz)
            real += Double(sample) * cos(phase)
            imaginary += Double(sample) * sin(phase)
        }
        let amplitude =
            2 * (real * real + imaginary * imaginary).squareRoot() / Double(samples.count)
        return 20 * log10(amplitude / 2.0.squareRoot() / 32_768)
    }

    @Test(arguments: [SampleRate.hz8000, .hz16000, .hz24000])
    func tonesHaveTheirFrequenciesAndLevels(rate: SampleRate) {
        let generator = DTMFGenerator(
            rate: rate, level: -20, twist: -5, on: .milliseconds(400), detuning: 0.01)
        for digit in DTMFDigit.all {
            let samples = generator.tone(of: digit)
            let low = level(samples, digit.lowFrequency * 1.01, rate)
            let high = level(samples, digit.highFrequency * 1.01, rate)
            #expect(abs(low + 20) < 0.2)
            #expect(abs(high + 25) < 0.2)
        }
    }

    @Test func keysHaveTheirTimes() throws {
        let generator = DTMFGenerator(
            rate: .hz8000, on: .milliseconds(70), off: .milliseconds(50))
        let digits = try "42#".map { try #require(DTMFDigit($0)) }
        let samples = generator.samples(of: digits)
        #expect(samples.count == 3 * (560 + 400))
        for key in 0..<3 {
            let start = key * 960
            #expect(Array(samples[start..<start + 560]) == generator.tone(of: digits[key]))
            #expect(samples[start + 560..<start + 960].allSatisfy { $0 == 0 })
        }
    }

    @Test func whatIsTooLoudIsClipped() throws {
        let generator = DTMFGenerator(rate: .hz8000, level: 0)
        let samples = generator.tone(of: DTMFDigit.all[0])
        #expect(samples.max() == 32_767 && samples.min() == -32_768)
    }
}
