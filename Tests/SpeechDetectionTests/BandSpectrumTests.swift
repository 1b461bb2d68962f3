// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import SpeechDetection
import Testing

@Suite struct BandSpectrumTests {
    /// Band powers by their definition: window, transform, mean power of a band's bins over 24.
    private func reference(_ samples: [Float]) -> [Double] {
        let windowed = samples.enumerated().map { index, sample in
            Float(Double(sample) * (0.5 - 0.5 * cos(2 * Double.pi * Double(index) / 128)))
        }
        let (real, imaginary) = RealFFTTests.reference(windowed)
        return (0..<BandSpectrum.bandCount).map { band in
            let bins = BandSpectrum.edges[band]..<BandSpectrum.edges[band + 1]
            let power = bins.reduce(0.0) {
                $0 + real[$1] * real[$1] + imaginary[$1] * imaginary[$1]
            }
            return power / Double(bins.count) / 24
        }
    }

    @Test func bandsHoldThePowerOfTheirBins() {
        var random = SeededRandom(seed: 1)
        var analysis = BandSpectrum()
        var earlier = [Float](repeating: 0, count: 64)
        for _ in 0..<4 {
            let block = RealFFTTests.block(&random)
            analysis.analyze(block.span)
            for (band, power) in reference(earlier + block).enumerated() {
                #expect(abs(Double(analysis.power[band]) / power - 1) < 1e-3)
            }
            earlier = block
        }
    }

    @Test func aToneStandsInItsBand() throws {
        var analysis = BandSpectrum()
        for start in stride(from: 0, to: 512, by: 64) {
            let block = (0..<64).map { 1000 * sin(2 * Float.pi * 1000 / 8000 * Float(start + $0)) }
            analysis.analyze(block.span)
        }
        let loudest = try #require((0..<21).max { analysis.level[$0] < analysis.level[$1] })
        // 1000 Hz is bin 16 of 62.5 Hz.
        #expect(BandSpectrum.edges[loudest] == 16)
        #expect(analysis.level[20] < analysis.level[loudest] - 60)
    }

    @Test func whiteNoiseGivesTwiceItsMeanSquare() {
        var random = SeededRandom(seed: 2)
        var analysis = BandSpectrum()
        var sum: Float = 0
        for _ in 0..<500 {
            analysis.analyze(RealFFTTests.block(&random, scale: 300).span)
            sum += (0..<21).reduce(Float(0)) { $0 + analysis.power[$1] } / 21
        }
        // Uniform in -300..<300: a mean square of a third.
        #expect(abs(sum / 500 / (2 * 30_000) - 1) < 0.05)
    }

    @Test func levelsAreDecibelsOfThePower() {
        var random = SeededRandom(seed: 3)
        var analysis = BandSpectrum()
        var scale: Float = 0.001
        while scale < 32_768 {
            analysis.analyze(RealFFTTests.block(&random, scale: scale).span)
            for band in 0..<BandSpectrum.bandCount {
                let exact = 10 * log10(Double(analysis.power[band]) + 0.001)
                #expect(abs(Double(analysis.level[band]) - exact) < 2e-4)
            }
            scale *= 1.3
        }
    }

    @Test func silenceIsThirtyDecibelsBelowOne() {
        var analysis = BandSpectrum()
        analysis.analyze([Float](repeating: 0, count: 64).span)
        for band in analysis.level.indices {
            #expect(abs(analysis.level[band] + 30) < 2e-4)
        }
    }

    /// The digest was made by the baseline build of the kernels and by the one for AVX2.
    @Test func everyMachineGivesTheSameBits() {
        var random = SeededRandom(seed: 4)
        var digest = BitDigest()
        var analysis = BandSpectrum()
        for index in 0..<100 {
            let scale = Float(1 << (index % 16))
            analysis.analyze(RealFFTTests.block(&random, scale: scale).span)
            for band in analysis.level.indices {
                digest.add(analysis.power[band])
                digest.add(analysis.level[band])
            }
        }
        #expect(digest.value == 1_258_361_671_612_960_867)
    }
}
