// Sidetone
// SPDX-License-Identifier: Apache-2.0

import SpeechDetection
import Testing

@Suite struct VoiceActivityFeaturesTests {
    private func levels(_ level: (Int) -> Float) -> BandValues {
        var values = BandValues(repeating: -30)
        for band in 0..<BandSpectrum.bandCount {
            values[band] = level(band)
        }
        return values
    }

    @Test func bandsAreSeenOverTheFloorAndOverTheirMean() {
        var features = VoiceActivityFeatures()
        let floor = levels { _ in 20 }
        features.observe(
            levels { 30 + Float($0) }, floor: floor, voicing: 0.5, period: 60)
        for band in 0..<21 {
            #expect(abs(features.values[band] - (10 + Float(band)) / 10) < 1e-5)
            #expect(abs(features.values[21 + band] - (Float(band) - 10) / 10) < 1e-5)
        }
        #expect(abs(features.meanLevel - 40) < 1e-4)
        #expect(features.bandsAboveFloor == 21)
        #expect(features.values[43] == 1)
    }

    @Test func extremesAreClamped() {
        var features = VoiceActivityFeatures()
        features.observe(
            levels { $0 == 0 ? 90 : -30 }, floor: levels { _ in 6 }, voicing: 0, period: 0)
        #expect(features.values[0] == 3.5)
        #expect(features.values[1] == -0.5)
        #expect(features.values[21] == 2.5)
        #expect(features.bandsAboveFloor == 1)
    }

    @Test func aBandThatDoesNotExistCountsForNothing() {
        var (one, other) = (VoiceActivityFeatures(), VoiceActivityFeatures())
        var levels = levels { _ in 40 }
        let floor = BandValues(repeating: 10)
        one.observe(levels, floor: floor, voicing: 0, period: 0)
        for lane in 21..<24 {
            levels[lane] = 90
        }
        other.observe(levels, floor: floor, voicing: 0, period: 0)
        #expect((0..<48).allSatisfy { one.values[$0] == other.values[$0] })
        #expect(one.bandsAboveFloor == other.bandsAboveFloor)
    }

    @Test func fluxIsTheMeanChangeOfTheBands() {
        var features = VoiceActivityFeatures()
        let floor = levels { _ in 20 }
        features.observe(levels { _ in 30 }, floor: floor, voicing: 0, period: 0)
        features.observe(
            levels { $0 % 2 == 0 ? 34 : 26 }, floor: floor, voicing: 0, period: 0)
        #expect(abs(features.values[45] - 0.8) < 1e-5)
    }

    @Test func aPeriodThatStaysIsSteady() {
        var features = VoiceActivityFeatures()
        let floor = levels { _ in 20 }
        features.observe(floor, floor: floor, voicing: 1, period: 60)
        #expect(features.values[44] == 0)
        features.observe(floor, floor: floor, voicing: 1, period: 60)
        #expect(features.values[44] == 2)
        features.observe(floor, floor: floor, voicing: 1, period: 80)
        #expect(features.values[44] == 0)
    }
}
