// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@Suite struct GainTests {
    private func changed(
        _ samples: [Int16], _ change: (inout MutableSpan<Int16>) -> Void
    ) -> [Int16] {
        var samples = samples
        var span = samples.mutableSpan
        change(&span)
        return samples
    }

    @Test func unityLeavesEverySampleAlone() {
        let samples = (Int(Int16.min)...Int(Int16.max)).map { Int16($0) }
        #expect(changed(samples) { Gain.apply(1, to: &$0) } == samples)
    }

    @Test func loudSamplesSaturate() {
        let result = changed([20_000, -20_000, 10_000, -32_768]) { Gain.apply(2, to: &$0) }
        #expect(result == [32_767, -32_768, 20_000, -32_768])
    }

    @Test func negativeGainInvertsAndSaturates() {
        #expect(changed([-32_768, 100]) { Gain.apply(-1, to: &$0) } == [32_767, -100])
    }

    @Test func resultsAreRoundedToNearest() {
        #expect(changed([3, -3, 5, 1]) { Gain.apply(0.5, to: &$0) } == [2, -2, 2, 0])
    }

    @Test func rampsOfPartsJoin() {
        let samples = [Int16](repeating: 16_384, count: 400)
        let whole = changed(samples) { Gain.ramp(from: 0, to: 1, over: &$0) }
        let first = changed(Array(samples[..<200])) { Gain.ramp(from: 0, to: 0.5, over: &$0) }
        let second = changed(Array(samples[200...])) { Gain.ramp(from: 0.5, to: 1, over: &$0) }
        #expect(zip(whole, first + second).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
        #expect(whole[0] == 0)
        #expect(zip(whole, whole.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test func fadesAreSmoothAndMirrorEachOther() {
        let samples = [Int16](repeating: 30_000, count: 80)
        let fadeIn = changed(samples) { Gain.fadeIn(&$0) }
        let fadeOut = changed(samples) { Gain.fadeOut(&$0) }
        #expect(fadeIn[0] < 100)
        #expect(fadeIn[79] > 29_900)
        #expect(zip(fadeIn, fadeIn.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(zip(fadeIn, fadeOut.reversed()).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
        // Faded into each other, the same signal keeps its level.
        #expect(zip(fadeIn, fadeOut).allSatisfy { abs(Int($0) + Int($1) - 30_000) <= 1 })
    }

    @Test(arguments: [1, 7, 80, 160])
    func fadesInPartsAreFadesOfTheWhole(part: Int) {
        let samples = [Int16](repeating: -20_000, count: 240)
        let whole = changed(samples) { Gain.fadeOut(&$0, at: 0, of: 200) }
        var parts: [Int16] = []
        for start in stride(from: 0, to: samples.count, by: part) {
            let end = min(start + part, samples.count)
            parts += changed(Array(samples[start..<end])) { Gain.fadeOut(&$0, at: start, of: 200) }
        }
        #expect(zip(whole, parts).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
        #expect(parts[200...].allSatisfy { $0 == 0 })
    }

    @Test func samplesBeyondAFadeInAreLeft() {
        let samples = [Int16](repeating: 1000, count: 100)
        let result = changed(samples) { Gain.fadeIn(&$0, at: 40, of: 80) }
        #expect(result[0] < 520)
        #expect(result[40...].allSatisfy { $0 == 1000 })
        #expect(changed(samples) { Gain.fadeIn(&$0, at: 80, of: 80) } == samples)
    }

    @Test func emptySpansAreFine() {
        #expect(changed([]) { Gain.fadeIn(&$0) } == [])
        #expect(changed([]) { Gain.fadeOut(&$0) } == [])
        #expect(changed([]) { Gain.ramp(from: 0, to: 1, over: &$0) } == [])
    }
}
