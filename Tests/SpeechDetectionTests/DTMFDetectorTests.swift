// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CAllocationCounter
import Foundation
import SpeechDetection
import Testing

/// Limits are those of ITU-T Q.24.
@Suite struct DTMFDetectorTests {
    private func changes(in samples: [Int16], rate: SampleRate = .hz8000) -> [DTMFChange] {
        var detector = DTMFDetector(rate: rate)
        let length = DTMFDetector.blockLength
        let scale = rate.hertz / 8000
        return stride(from: 0, through: samples.count - length, by: length).compactMap { start in
            detector.observe(
                samples.span.extracting(start..<start + length),
                end: SamplePosition(Int64((start + length) * scale)))
        }
    }

    private func presses(in samples: [Int16], rate: SampleRate = .hz8000) -> [DTMFPress] {
        changes(in: samples, rate: rate).compactMap {
            if case .pressed(let press) = $0 { press } else { nil }
        }
    }

    private func keys(in samples: [Int16]) -> String {
        String(presses(in: samples).map(\.digit.key))
    }

    private func silence(_ count: Int) -> [Int16] { Array(repeating: 0, count: count) }

    private let all = "123A456B789C*0#D"

    @Test(arguments: [-6.0, -16, -30, -38], [-8.0, -4, 0, 4])
    func everyKeyOfFortyMillisecondsIsFoundOnce(level: Double, twist: Double) {
        let generator = DTMFGenerator(
            rate: .hz8000, level: level - max(0, twist), twist: twist, on: .milliseconds(40),
            off: .milliseconds(40))
        guard level + twist > -45 else { return }
        for phase in stride(from: 0, to: 64, by: 9) {
            let line = silence(phase) + generator.samples(of: DTMFDigit.all) + silence(320)
            #expect(keys(in: line) == all, "\(phase)")
        }
    }

    @Test(arguments: [-0.015, 0.015]) func detunedKeysAreFound(detuning: Double) {
        let generator = DTMFGenerator(
            rate: .hz8000, on: .milliseconds(40), off: .milliseconds(40), detuning: detuning)
        #expect(keys(in: silence(333) + generator.samples(of: DTMFDigit.all) + silence(320)) == all)
    }

    @Test(arguments: [-0.07, -0.05, -0.035, 0.035, 0.05, 0.07])
    func otherFrequenciesAreRefused(detuning: Double) {
        for on in [40, 100, 300] as [Int64] {
            let generator = DTMFGenerator(
                rate: .hz8000, on: .milliseconds(on), off: .milliseconds(100), detuning: detuning)
            #expect(keys(in: silence(100) + generator.samples(of: DTMFDigit.all)) == "")
        }
    }

    @Test func aToneOfTwentyThreeMillisecondsIsRefused() {
        let generator = DTMFGenerator(
            rate: .hz8000, on: .milliseconds(23), off: .milliseconds(50))
        for phase in stride(from: 0, to: 64, by: 5) {
            let line = silence(phase) + generator.samples(of: DTMFDigit.all) + silence(320)
            #expect(keys(in: line) == "", "\(phase)")
        }
    }

    @Test(arguments: [-13.0, -11, 7, 9]) func aTwistedPairIsRefused(twist: Double) {
        let generator = DTMFGenerator(rate: .hz8000, level: -20, twist: twist)
        #expect(keys(in: generator.samples(of: DTMFDigit.all)) == "")
    }

    @Test func oneToneAloneIsRefused() {
        for frequency in DTMFDigit.rowFrequencies + DTMFDigit.columnFrequencies + [440] {
            let tone = (0..<8000).map { Int16(8000 * sin(2 * .pi * frequency * Double($0) / 8000)) }
            #expect(keys(in: tone) == "", "\(frequency)")
        }
    }

    @Test func anInterruptionOfTenMillisecondsIsOnePress() {
        let generator = DTMFGenerator(rate: .hz8000, on: .milliseconds(200))
        for phase in stride(from: 0, to: 64, by: 7) {
            var tone = generator.samples(of: DTMFDigit.all.prefix(1))
            for index in 800 + phase..<880 + phase { tone[index] = 0 }
            #expect(keys(in: tone + silence(400)) == "1", "\(phase)")
        }
    }

    @Test func aPressHasItsPlaceAndLength() throws {
        for rate in [SampleRate.hz8000, .hz16000] {
            let scale = rate.hertz / 8000
            let tone = DTMFGenerator(rate: .hz8000, on: .milliseconds(150)).tone(
                of: DTMFDigit.all[6])
            let found = changes(in: silence(1000) + tone + silence(800), rate: rate)
            try #require(found.count == 2)
            guard case .pressed(let press) = found[0], case .released(let done) = found[1] else {
                Issue.record("A press has a beginning and an end")
                return
            }
            #expect(press.digit == done.digit && press.start == done.start)
            let began = Int(press.start.index) / scale
            let ended = Int(done.end.index) / scale
            #expect(abs(began - 1000) <= 80)
            #expect(abs(ended - 2200) <= 80)
            // Told within 48 ms of its beginning.
            #expect(press.start.distance(to: press.end) <= 384 * scale)
        }
    }

    @Test func noiseFifteenDecibelsDownDoesNotHinder() {
        var seed: UInt32 = 7
        let line =
            (silence(200) + DTMFGenerator(rate: .hz8000, level: -25).samples(of: DTMFDigit.all))
            .map { sample -> Int16 in
                seed = seed &* 1_664_525 &+ 1_013_904_223
                // Uniform noise of -37 dBov, against two tones of -22.
                return sample + Int16((Double(seed >> 8) / 16_777_216 - 0.5) * 1600)
            }
        #expect(keys(in: line) == all)
    }

    @Test func aJumpOfTheTimelineReleasesAKey() throws {
        var detector = DTMFDetector(rate: .hz8000)
        let tone = DTMFGenerator(rate: .hz8000).tone(of: DTMFDigit.all[3])
        for start in stride(from: 0, to: 768, by: 64) {
            _ = detector.observe(
                tone.span.extracting(start..<start + 64), end: SamplePosition(Int64(start + 64)))
        }
        #expect(detector.isHeld)
        guard case .released? = detector.reset() else {
            Issue.record("The key that was down was not released")
            return
        }
        #expect(!detector.isHeld && detector.reset() == nil)
    }

    @Test func hostileSamplesDoNotTrap() {
        var seed: UInt32 = 1
        for pattern in 0..<6 {
            let line = (0..<4096).map { index -> Int16 in
                seed = seed &* 1_664_525 &+ 1_013_904_223
                return switch pattern {
                case 0: .min
                case 1: .max
                case 2: index % 2 == 0 ? .min : .max
                case 3: index / 5 % 2 == 0 ? .min : .max
                case 4: Int16(truncatingIfNeeded: seed >> 16)
                default: index % 64 == 0 ? .min : 0
                }
            }
            #expect(keys(in: line) == "")
        }
    }

    @Test func findingAllocatesNothing() {
        guard allocation_counter_available() else { return }
        let samples = DTMFGenerator(rate: .hz8000).samples(of: DTMFDigit.all)
        var detector = DTMFDetector(rate: .hz8000)
        // Tables are made on first use.
        _ = detector.observe(samples.span.extracting(0..<64), end: SamplePosition(64))
        var found = 0
        allocation_counter_start()
        for start in stride(from: 64, to: samples.count - 64, by: 64) {
            let end = SamplePosition(Int64(start + 64))
            if detector.observe(samples.span.extracting(start..<start + 64), end: end) != nil {
                found += 1
            }
        }
        let count = allocation_counter_stop()
        #expect(count == 0)
        #expect(found >= 31)
    }
}
