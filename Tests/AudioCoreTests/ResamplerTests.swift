// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CAllocationCounter
import Testing

/// A pair of rates, named as in a report.
struct RatePair: CustomTestStringConvertible, Sendable {
    let from: SampleRate
    let to: SampleRate

    init(_ from: Int, _ to: Int) {
        self.from = SampleRate(hertz: from)
        self.to = SampleRate(hertz: to)
    }

    var testDescription: String { "\(from.hertz) to \(to.hertz)" }

    var isOwn: Bool {
        let rates = [8000, 16000, 24000, 48000]
        return rates.contains(from.hertz) && rates.contains(to.hertz)
    }

    /// Every two of the rates that calls use.
    static let own: [RatePair] = [8000, 16000, 24000, 48000].flatMap { from in
        [8000, 16000, 24000, 48000].filter { $0 != from }.map { RatePair(from, $0) }
    }

    /// Pairs that go through libspeexdsp.
    static let others = [
        RatePair(8000, 11025), RatePair(44100, 8000), RatePair(22050, 16000), RatePair(8000, 12000),
        RatePair(32000, 8000), RatePair(44100, 48000),
    ]

    static let all = own + others + [RatePair(8000, 8000)]
}

/// Resamples all of `samples` in chunks of the given sizes, in turn.
func resample(_ samples: [Int16], _ pair: RatePair, chunks: [Int]) -> [Int16] {
    var resampler = Resampler(from: pair.from, to: pair.to)
    var result: [Int16] = []
    var start = 0
    var turn = 0
    while start < samples.count {
        let count = min(chunks[turn % chunks.count], samples.count - start)
        result += process(Array(samples[start..<(start + count)]), &resampler)
        start += count
        turn += 1
    }
    return result
}

func process(_ samples: [Int16], _ resampler: inout Resampler) -> [Int16] {
    var output = [Int16](repeating: 0, count: resampler.outputCount(for: samples.count))
    var target = output.mutableSpan
    let written = resampler.process(samples.span, into: &target)
    #expect(written == output.count)
    return output
}

func flush(_ resampler: inout Resampler) -> [Int16] {
    var output = [Int16](repeating: 0, count: resampler.tailCount)
    var target = output.mutableSpan
    let written = resampler.flush(into: &target)
    #expect(written == output.count)
    return output
}

@Suite struct ResamplerTests {
    @Test(arguments: RatePair.own)
    func framesOf20MillisecondsKeepTheirLengthFromTheFirst(pair: RatePair) {
        var resampler = Resampler(from: pair.from, to: pair.to)
        var random = SeededRandom(seed: 20)
        for _ in 0..<50 {
            let frame = random.samples(pair.from.hertz / 50)
            #expect(process(frame, &resampler).count == pair.to.hertz / 50)
        }
    }

    @Test(arguments: RatePair.all)
    func countsFollowTheRatioExactly(pair: RatePair) {
        var resampler = Resampler(from: pair.from, to: pair.to)
        var random = SeededRandom(seed: 31)
        var taken = 0
        var made = 0
        for _ in 0..<300 {
            let count = Int.random(in: 0...700, using: &random)
            let most = Resampler.maximumOutputCount(for: count, from: pair.from, to: pair.to)
            #expect(resampler.outputCount(for: count) <= most)
            made += process([Int16](repeating: 0, count: count), &resampler).count
            taken += count
            let exact = taken * pair.to.hertz
            #expect(made >= exact / pair.from.hertz)
            #expect(made <= (exact + pair.from.hertz - 1) / pair.from.hertz)
        }
    }

    @Test(arguments: RatePair.all)
    func chunkingMakesNoDifferenceToAnySample(pair: RatePair) {
        var random = SeededRandom(seed: 960)
        let samples = random.samples(3 * 960)
        let whole = resample(samples, pair, chunks: [samples.count])
        var chunkings = [1, 2, 3, 5, 7, 16, 80, 159, 160, 161, 320, 480, 959, 960].map { [$0] }
        for _ in 0..<4 {
            chunkings.append((0..<40).map { _ in Int.random(in: 1...960, using: &random) })
        }
        for chunks in chunkings {
            #expect(resample(samples, pair, chunks: chunks) == whole, "chunks of \(chunks)")
        }
    }

    @Test(arguments: [RatePair(8000, 16000), RatePair(24000, 8000), RatePair(16000, 24000)])
    func everyChunkSizeTo960MakesNoDifference(pair: RatePair) {
        var random = SeededRandom(seed: 961)
        let samples = random.samples(1920)
        let whole = resample(samples, pair, chunks: [samples.count])
        for size in stride(from: 1, through: 960, by: 3) {
            #expect(resample(samples, pair, chunks: [size]) == whole, "chunks of \(size)")
        }
    }

    @Test(arguments: RatePair.all)
    func flushGivesTheTailAndStartsAnew(pair: RatePair) {
        var random = SeededRandom(seed: 5)
        var resampler = Resampler(from: pair.from, to: pair.to)
        for length in [1, 160, 333, 960] {
            let samples = random.samples(length)
            let stream = process(samples, &resampler) + flush(&resampler)
            let exact =
                (length * pair.to.hertz + pair.from.hertz - 1) / pair.from.hertz
            #expect(stream.count == exact + resampler.delayCount)

            // The same as silence after it would have pushed out.
            var other = Resampler(from: pair.from, to: pair.to)
            let silence = [Int16](repeating: 0, count: pair.from.hertz / 10)
            let pushed = process(samples + silence, &other)
            #expect(Array(pushed.prefix(stream.count)) == stream)
        }
    }

    @Test(arguments: RatePair.all)
    func whatGoesInComesOutAfterTheDelay(pair: RatePair) {
        var resampler = Resampler(from: pair.from, to: pair.to)
        // A pulse of 1 ms with a round top, the same time in both rates.
        func pulse(_ rate: SampleRate, _ index: Int) -> Double {
            let milliseconds = Double(index) * 1000 / Double(rate.hertz)
            let distance = (milliseconds - 10) / 1.0
            return 20_000 / (1 + distance * distance * distance * distance)
        }
        let samples = (0..<(pair.from.hertz / 50)).map { Int16(pulse(pair.from, $0)) }
        let stream = process(samples, &resampler) + flush(&resampler)
        let aligned = Array(stream.dropFirst(resampler.delayCount))
        let expected = aligned.indices.map { pulse(pair.to, $0) }
        // Leaving the edges of the 20 ms out, where the pulse is cut off.
        let middle = (aligned.count / 4)..<(aligned.count * 3 / 4)
        let worst = middle.map { abs(Double(aligned[$0]) - expected[$0]) }.max() ?? .infinity
        // libspeexdsp rounds its delay to whole samples.
        #expect(worst < (pair.isOwn ? 60 : 1200))
        #expect(resampler.delay <= .milliseconds(pair.isOwn ? 4 : 6))
    }

    @Test(arguments: RatePair.all)
    func resetForgetsTheStream(pair: RatePair) {
        var random = SeededRandom(seed: 6)
        let samples = random.samples(500)
        var resampler = Resampler(from: pair.from, to: pair.to)
        let first = process(samples, &resampler)
        resampler.reset()
        #expect(process(samples, &resampler) == first)
    }

    /// The input that drives a sum of products the furthest: full scale, signed like the taps.
    @Test(arguments: [
        RatePair(8000, 16000), RatePair(16000, 8000), RatePair(24000, 8000),
        RatePair(16000, 24000),
    ])
    func theWorstInputSaturatesInsteadOfWrapping(pair: RatePair) {
        let length = pair.from.hertz / 80
        let position = length * pair.to.hertz / pair.from.hertz - 1
        var resampler = Resampler(from: pair.from, to: pair.to)
        var worst: [Int16] = []
        for index in 0..<length {
            var impulse = [Int16](repeating: 0, count: length)
            impulse[index] = 20_000
            worst.append(process(impulse, &resampler)[position] < 0 ? -32_767 : 32_767)
            resampler.reset()
        }
        #expect(worst.contains(-32_767))
        #expect(process(worst, &resampler)[position] == .max)
        resampler.reset()
        #expect(process(worst.map { -$0 }, &resampler)[position] == .min)
    }

    /// Builds for other vector widths, and other machines, have to give these too.
    private static let hashes: [(RatePair, UInt64)] = [
        (RatePair(8000, 16000), 0x43B1_A556_B917_6614),
        (RatePair(16000, 8000), 0x7ABD_4EF4_5C27_4AB5),
        (RatePair(8000, 24000), 0xBF43_40F3_A603_E487),
        (RatePair(24000, 8000), 0x033D_5066_FF51_5ACD),
        (RatePair(8000, 48000), 0x0BA8_42B9_F11B_ED4F),
        (RatePair(48000, 8000), 0x4D3D_A11F_8A98_37C9),
        (RatePair(16000, 24000), 0x95D4_0332_16BF_E2DE),
        (RatePair(24000, 16000), 0x0377_4DCC_E601_FED4),
    ]

    @Test(arguments: hashes)
    func samplesAreTheSameOnEveryMachine(pair: RatePair, hash: UInt64) {
        var random = SeededRandom(seed: 1729)
        let output = resample(random.samples(4800), pair, chunks: [160])
        // FNV-1a over the samples' bits.
        let found = output.reduce(into: UInt64(0xCBF2_9CE4_8422_2325)) { hash, sample in
            hash = (hash ^ UInt64(UInt16(bitPattern: sample))) &* 0x100_0000_01B3
        }
        #expect(found == hash)
    }

    @Test func constantsPassUnchanged() {
        for pair in RatePair.own {
            let output = resample([Int16](repeating: 12_345, count: 2000), pair, chunks: [160])
            #expect(output.suffix(200).allSatisfy { abs(Int($0) - 12_345) <= 1 })
        }
    }

    @Test func ratesTooFarApartAreTold() {
        #expect(Resampler.supports(from: .hz8000, to: SampleRate(hertz: 44100)))
        #expect(Resampler.supports(from: SampleRate(hertz: 1), to: SampleRate(hertz: 1)))
        #expect(!Resampler.supports(from: SampleRate(hertz: 1), to: .hz8000))
        #expect(!Resampler.supports(from: .hz8000, to: SampleRate(hertz: 768_000)))
    }

    @Test(.enabled(if: allocation_counter_available()), arguments: RatePair.all)
    func processingAllocatesNothing(pair: RatePair) {
        var resampler = Resampler(from: pair.from, to: pair.to)
        let input = [Int16](repeating: 1000, count: 960)
        let room = Resampler.maximumOutputCount(for: 960, from: pair.from, to: pair.to)
        var output = [Int16](repeating: 0, count: room + 1000)
        var written = 0
        let count = allocationsWhenWarm {
            for _ in 0..<10 {
                var target = output.mutableSpan
                written += resampler.process(input.span, into: &target)
            }
            var target = output.mutableSpan
            written += resampler.flush(into: &target)
        }
        #expect(count == 0)
        #expect(written > 0)
    }
}
