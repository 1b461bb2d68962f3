// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import SyntheticCallers
import Testing

@Suite struct TokenBucketTests {
    private func instant(_ milliseconds: Int64) -> MediaInstant {
        MediaInstant(nanoseconds: milliseconds * 1_000_000)
    }

    @Test func aBurstPassesAndTheNextDoesNot() {
        var bucket = TokenBucket(MessageRate(sustained: 5, burst: 25))
        let passed = (0..<30).filter { _ in bucket.take(at: instant(1000)) }
        #expect(passed == Array(0..<25))
        let later = bucket.take(at: instant(1199))
        let due = bucket.take(at: instant(1200))
        #expect(!later)
        #expect(due)
    }

    @Test func theExactRatePassesForAnHour() {
        var bucket = TokenBucket(MessageRate(sustained: 5, burst: 1))
        let refused = (0..<18_000).filter { !bucket.take(at: instant(Int64($0) * 200)) }
        #expect(refused.isEmpty)
    }
}

@Suite struct LatenessHistogramTests {
    @Test func quantilesAreWithinAnEighth() {
        var histogram = LatenessHistogram()
        for microsecond in 1...10_000 { histogram.record(.microseconds(Int64(microsecond))) }
        for (quantile, exact) in [(0.5, 5000.0), (0.99, 9900.0), (0.999, 9990.0)] {
            let value = histogram.value(at: quantile).milliseconds * 1000
            #expect(value >= exact * 0.99)
            #expect(value <= exact * 1.13)
        }
        #expect(histogram.maximum == .milliseconds(10))
        #expect(histogram.value(at: 1) == .milliseconds(10))
    }

    @Test func extremesHaveAPlace() {
        var histogram = LatenessHistogram()
        #expect(histogram.value(at: 0.5) == .zero)
        histogram.record(.milliseconds(-5))
        histogram.record(.seconds(100_000))
        #expect(histogram.count == 2)
        #expect(histogram.maximum == .seconds(100_000))
    }

    @Test func mergingAddsUp() {
        var one = LatenessHistogram()
        var other = LatenessHistogram()
        one.record(.milliseconds(1))
        other.record(.milliseconds(9))
        one.merge(other)
        #expect(one.count == 2)
        #expect(one.maximum == .milliseconds(9))
    }
}

@Suite struct MuLawTests {
    @Test func publishedCodesDecode() {
        // G.711 table 2a: the ends of the law, and both zeros.
        #expect(MuLaw.linear[0x00] == -32_124)
        #expect(MuLaw.linear[0x80] == 32_124)
        #expect(MuLaw.linear[0xFF] == 0)
        #expect(MuLaw.linear[0x7F] == 0)
        #expect(MuLaw.linear[0xFE] == 8)
        #expect(MuLaw.linear[0xEF] == 132)
    }

    @Test func codesSurviveARoundTripButForNegativeZero() {
        for code in UInt8.min...UInt8.max {
            let again = MuLaw.encode(MuLaw.linear[Int(code)])
            #expect(again == (code == 0x7F ? 0xFF : code))
        }
    }

    /// The server's codec is another implementation of the same law.
    @Test func bothImplementationsAgreeOnEverySample() {
        let samples = (Int(Int16.min)...Int(Int16.max)).map { Int16($0) }
        var codes = [UInt8](repeating: 0, count: samples.count)
        var target = codes.mutableSpan
        AudioCodec.encode(LinearAudio(samples.span, rate: .hz8000), as: .pcmu, into: &target)
        #expect(codes == MuLaw.encode(samples))
    }

    @Test func magnitudeGrowsWithTheAmplitude() {
        var last: UInt8 = 0
        for sample in stride(from: Int16(0), to: Int16.max - 64, by: 64) {
            let magnitude = MuLaw.magnitude(MuLaw.encode(sample))
            #expect(magnitude >= last)
            #expect(magnitude == MuLaw.magnitude(MuLaw.encode(~sample)))
            last = magnitude
        }
    }
}
