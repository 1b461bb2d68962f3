// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import SpeechDetection
import Testing

@Suite struct RealFFTTests {
    /// The transform by its definition, in double: real and imaginary parts of bins 0...64.
    static func reference(_ samples: [Float]) -> (real: [Double], imaginary: [Double]) {
        var real: [Double] = []
        var imaginary: [Double] = []
        for bin in 0...64 {
            var (a, b) = (0.0, 0.0)
            for (index, sample) in samples.enumerated() {
                let angle = -2 * Double.pi * Double(bin * index % 128) / 128
                a += Double(sample) * cos(angle)
                b += Double(sample) * sin(angle)
            }
            real.append(a)
            imaginary.append(b)
        }
        return (real, imaginary)
    }

    static func block(_ random: inout SeededRandom, scale: Float = 32_767) -> [Float] {
        (0..<64).map { _ in random.sample() * scale }
    }

    /// The largest difference from the definition's bins.
    private func error(_ spectrum: Spectrum, of samples: [Float]) -> Double {
        let (real, imaginary) = Self.reference(samples)
        var worst = abs(Double(spectrum.values[64]) - real[64])
        for bin in 0..<64 {
            worst = max(worst, abs(Double(spectrum.values[bin]) - real[bin]))
            if bin > 0 {
                worst = max(worst, abs(Double(spectrum.values[64 + bin]) - imaginary[bin]))
            }
        }
        return worst
    }

    @Test func aBlockBehindZerosIsTransformedAsDefined() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<4 {
            let block = Self.block(&random)
            var spectrum = Spectrum()
            RealFFT.forward(block.span, into: &spectrum)
            #expect(error(spectrum, of: [Float](repeating: 0, count: 64) + block) < 0.2)
        }
    }

    @Test(arguments: [0, 1, 17, 63])
    func anImpulseHasAFlatSpectrum(place: Int) {
        var block = [Float](repeating: 0, count: 64)
        block[place] = 1000
        var spectrum = Spectrum()
        RealFFT.forward(block.span, into: &spectrum)
        for bin in 1..<64 {
            let (a, b) = (spectrum.values[bin], spectrum.values[64 + bin])
            #expect(abs((a * a + b * b).squareRoot() - 1000) < 0.01)
        }
    }

    @Test func twoBlocksJoinToTheSpectrumOfBoth() {
        var random = SeededRandom(seed: 2)
        let (first, second) = (Self.block(&random), Self.block(&random))
        var (early, late, both) = (Spectrum(), Spectrum(), Spectrum())
        RealFFT.forward(first.span, into: &early)
        RealFFT.forward(second.span, into: &late)
        RealFFT.join(late, after: early, into: &both)
        #expect(error(both, of: first + second) < 0.3)
    }

    @Test func theInverseGivesTheSamplesBack() {
        var random = SeededRandom(seed: 3)
        let (first, second) = (Self.block(&random), Self.block(&random))
        var (early, late, both) = (Spectrum(), Spectrum(), Spectrum())
        RealFFT.forward(first.span, into: &early)
        RealFFT.forward(second.span, into: &late)
        RealFFT.join(late, after: early, into: &both)
        var samples = [Float](repeating: 0, count: 128)
        var span = samples.mutableSpan
        RealFFT.inverse(both, into: &span)
        for (sample, original) in zip(samples, first + second) {
            #expect(abs(sample - original) < 0.03)
        }
    }

    @Test func theInverseOfAnySpectrumIsAsDefined() {
        var random = SeededRandom(seed: 4)
        var spectrum = Spectrum()
        for index in 0..<128 {
            spectrum.values[index] = random.sample() * 1000
        }
        var samples = [Float](repeating: 0, count: 128)
        var span = samples.mutableSpan
        RealFFT.inverse(spectrum, into: &span)
        #expect(error(spectrum, of: samples) < 0.01)
    }

    /// The digest was made by the baseline build of the kernels and by the one for AVX2.
    @Test func everyMachineGivesTheSameBits() {
        var random = SeededRandom(seed: 5)
        var digest = BitDigest()
        var (previous, spectrum, both) = (Spectrum(), Spectrum(), Spectrum())
        var samples = [Float](repeating: 0, count: 128)
        for _ in 0..<50 {
            swap(&previous, &spectrum)
            RealFFT.forward(Self.block(&random).span, into: &spectrum)
            RealFFT.join(spectrum, after: previous, into: &both)
            var span = samples.mutableSpan
            RealFFT.inverse(both, into: &span)
            for index in 0..<128 {
                digest.add(both.values[index])
                digest.add(samples[index])
            }
        }
        #expect(digest.value == 4_516_098_711_230_023_204)
    }
}
