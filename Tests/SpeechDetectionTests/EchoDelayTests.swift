// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SpeechDetection

@Suite struct EchoDelayTests {
    /// The lock after each block of a line.
    private func locks(_ line: EchoLine) -> [Int?] {
        var search = DelaySearch()
        var found: [Int?] = []
        for index in 0..<line.blockCount {
            search.observe(line, index)
            found.append(search.delay.lag)
        }
        return found
    }

    @Test(arguments: [160, 480, 1600, 3600, 4800])
    func findsAKnownDelayWithinTwoBlocks(samples: Int) throws {
        var voice = SyntheticVoice(seed: 3)
        let line = EchoLine(
            prompt: voice.samples(seconds: 3), delays: [(0, samples)], gain: 0.2)
        let lag = try #require(locks(line).last ?? nil)
        #expect(abs(lag - samples / 64) <= 2)
    }

    @Test func followsAStep() throws {
        var voice = SyntheticVoice(seed: 5)
        let line = EchoLine(
            prompt: voice.samples(seconds: 6), delays: [(0, 960), (20_000, 2240)], gain: 0.3)
        let found = locks(line)
        let before = try #require(found[20_000 / 64 - 1])
        let after = try #require(found.last ?? nil)
        #expect(abs(before - 15) <= 2)
        #expect(abs(after - 35) <= 2)
    }

    @Test func aSilentLineHasNoEcho() {
        var voice = SyntheticVoice(seed: 1)
        let line = EchoLine(
            prompt: voice.samples(seconds: 3), delays: [(0, 0)], gain: 0, noise: 0)
        #expect(locks(line).allSatisfy { $0 == nil })
    }

    @Test func aStepIsPlausibleBeforeItIsBelieved() {
        var voice = SyntheticVoice(seed: 5)
        let line = EchoLine(
            prompt: voice.samples(seconds: 4), delays: [(0, 960), (20_000, 2240)], gain: 0.3)
        var search = DelaySearch()
        var plausibleAt: Int?
        var lockedAt: Int?
        for index in 0..<line.blockCount {
            search.observe(line, index)
            guard index > 20_000 / 64 else { continue }
            if search.isPlausible(35) { plausibleAt = plausibleAt ?? index }
            if abs((search.delay.lag ?? 0) - 35) <= 2 { lockedAt = lockedAt ?? index }
        }
        #expect((plausibleAt ?? .max) + 10 < (lockedAt ?? .max))
    }
}

/// The front end and the search, block by block.
private struct DelaySearch {
    private(set) var delay = EchoDelay()
    private var far = BandSpectrum()
    private var near = BandSpectrum()
    private var floor = NoiseFloor()

    mutating func observe(_ line: EchoLine, _ index: Int) {
        let farBlock = line.farBlock(index).map(Float.init)
        let nearBlock = line.nearBlock(index)
        far.analyze(farBlock.span)
        near.analyze(nearBlock.span)
        floor.observe(near.level)
        delay.observeFar(far.level)
        _ = delay.observeNear(near.level, floor: floor.level)
    }

    func isPlausible(_ lag: Int) -> Bool { delay.plausible[lag] != 0 }
}
