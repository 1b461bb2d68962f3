// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CAllocationCounter
import Testing

@Suite struct OpusTests {
    private static let rates: [SampleRate] = [.hz8000, .hz16000, .hz24000, .hz48000]

    /// Speech-like: a few harmonics of a gliding pitch, with pauses.
    private func voice(_ count: Int, at rate: SampleRate) -> [Int16] {
        var phase = 0.0
        return (0..<count).map { index in
            let time = Double(index) / Double(rate.hertz)
            phase += (120 + 30 * time) / Double(rate.hertz)
            let turn = phase - phase.rounded(.down)
            let saw = 2 * turn - 1
            return Int16(8000 * saw * (time.truncatingRemainder(dividingBy: 0.5) < 0.4 ? 1 : 0))
        }
    }

    @Test(arguments: rates)
    func speechSurvivesBothWays(rate: SampleRate) throws {
        var encoder = try OpusEncoder(rate: rate, bitRate: 32_000, complexity: 5)
        var decoder = try OpusDecoder(rate: rate)
        let size = rate.hertz / 50
        let input = voice(50 * size, at: rate)
        var packet = [UInt8](repeating: 0, count: OpusEncoder.maximumPacketCount)
        var frame = [Int16](repeating: 0, count: decoder.maximumSampleCount)
        var output: [Int16] = []
        var byteCount = 0
        for start in stride(from: 0, to: input.count, by: size) {
            var bytes = packet.mutableSpan
            let length = try encoder.encode(
                input[start..<(start + size)].span, into: &bytes)
            var samples = frame.mutableSpan
            let count = try decoder.decode(packet.span.extracting(first: length), into: &samples)
            #expect(count == size)
            output += frame[..<count]
            byteCount += length
        }
        // Near the bit rate asked for: one second of 32 kbit/s.
        #expect((500...8000).contains(byteCount))
        let correlation = correlate(input, output, lag: encoder.delayCount)
        #expect(correlation > 0.7, "\(correlation)")
    }

    private func correlate(_ input: [Int16], _ output: [Int16], lag: Int) -> Double {
        var (ii, oo, io) = (0.0, 0.0, 0.0)
        for index in 0..<(input.count - lag) {
            let i = Double(input[index])
            let o = Double(output[index + lag])
            ii += i * i
            oo += o * o
            io += i * o
        }
        return io / (ii * oo).squareRoot()
    }

    @Test(arguments: [20, 40, 80, 160, 320, 480])
    func everyLegalFrameIsTaken(count: Int) throws {
        var encoder = try OpusEncoder(rate: .hz8000, bitRate: 16_000, complexity: 0)
        var decoder = try OpusDecoder(rate: .hz16000)
        var packet = [UInt8](repeating: 0, count: OpusEncoder.maximumPacketCount)
        var bytes = packet.mutableSpan
        let length = try encoder.encode(voice(count, at: .hz8000).span, into: &bytes)
        var output = [Int16](repeating: 0, count: decoder.maximumSampleCount)
        var samples = output.mutableSpan
        // Decoded at another rate than it was encoded at.
        let decoded = try decoder.decode(packet.span.extracting(first: length), into: &samples)
        #expect(decoded == 2 * count)
    }

    @Test(arguments: [0, 1, 100, 161, 640, 960])
    func otherFramesAreRefused(count: Int) throws {
        var encoder = try OpusEncoder(rate: .hz8000, bitRate: 16_000, complexity: 0)
        var packet = [UInt8](repeating: 0, count: OpusEncoder.maximumPacketCount)
        var refused: OpusError?
        do throws(OpusError) {
            var bytes = packet.mutableSpan
            _ = try encoder.encode([Int16](repeating: 0, count: count).span, into: &bytes)
        } catch {
            refused = error
        }
        #expect(refused == .unsupportedFrame(sampleCount: count))
    }

    @Test func otherRatesAreRefused() {
        let rate = SampleRate(hertz: 44_100)
        #expect(throws: OpusError.unsupportedRate(rate)) {
            _ = try OpusEncoder(rate: rate, bitRate: 16_000, complexity: 0).rate
        }
        #expect(throws: OpusError.unsupportedRate(rate)) {
            _ = try OpusDecoder(rate: rate).rate
        }
    }

    @Test func badPacketsAndShortOutputsAreRefused() throws {
        var decoder = try OpusDecoder(rate: .hz8000)
        func failure(_ packet: [UInt8], room: Int) -> OpusError? {
            var output = [Int16](repeating: 0, count: room)
            var samples = output.mutableSpan
            do throws(OpusError) {
                _ = try decoder.decode(packet.span, into: &samples)
                return nil
            } catch {
                return error
            }
        }
        #expect(failure([], room: 960) == .invalidPacket)
        // Code 3 with a count of no frames (RFC 6716 section 3.2.5).
        #expect(failure([0x03, 0x00], room: 960) == .invalidPacket)
        // Two frames of different sizes, cut off in the first length.
        #expect(failure([0x02], room: 960) == .invalidPacket)
        // 20 ms into 10 ms of room, and into none.
        #expect(failure([0x08, 0x00], room: 80) == .noRoom)
        #expect(failure([0x08, 0x00], room: 0) == .noRoom)
        #expect(failure([0x08, 0x00], room: 160) == nil)
    }

    @Test(arguments: [UInt64(1), 2])
    func randomPacketsNeverCrash(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var decoder = try OpusDecoder(rate: .hz8000)
        var output = [Int16](repeating: 0, count: decoder.maximumSampleCount)
        var refused = 0
        for _ in 0..<1000 {
            let packet = random.bytes(Int.random(in: 1...200, using: &random))
            var samples = output.mutableSpan
            do throws(OpusError) {
                let count = try decoder.decode(packet.span, into: &samples)
                #expect((1...960).contains(count))
            } catch {
                refused += 1
            }
        }
        #expect((1..<1000).contains(refused))
    }

    @Test func lostPacketsAreFilledIn() throws {
        var encoder = try OpusEncoder(rate: .hz8000, bitRate: 24_000, complexity: 5)
        var decoder = try OpusDecoder(rate: .hz8000)
        let input = voice(1600, at: .hz8000)
        var packet = [UInt8](repeating: 0, count: OpusEncoder.maximumPacketCount)
        var frame = [Int16](repeating: 0, count: 160)
        for start in stride(from: 0, to: 1600, by: 160) {
            var bytes = packet.mutableSpan
            let length = try encoder.encode(input[start..<(start + 160)].span, into: &bytes)
            var samples = frame.mutableSpan
            _ = try decoder.decode(packet.span.extracting(first: length), into: &samples)
        }
        var samples = frame.mutableSpan
        try decoder.conceal(into: &samples)
        // What was being said goes on.
        #expect(Tone.rms(frame[...]) > 500)

        var odd = [Int16](repeating: 0, count: 33)
        var target = odd.mutableSpan
        var refused: OpusError?
        do throws(OpusError) {
            try decoder.conceal(into: &target)
        } catch {
            refused = error
        }
        #expect(refused == .unsupportedFrame(sampleCount: 33))
    }

    @Test(.enabled(if: allocation_counter_available()))
    func onlyCreationAllocates() throws {
        var encoder = try OpusEncoder(rate: .hz16000, bitRate: 24_000, complexity: 5)
        var decoder = try OpusDecoder(rate: .hz16000)
        let input = voice(320, at: .hz16000)
        var packet = [UInt8](repeating: 0, count: OpusEncoder.maximumPacketCount)
        var output = [Int16](repeating: 0, count: decoder.maximumSampleCount)
        let count = try allocationsWhenWarm {
            for _ in 0..<5 {
                var bytes = packet.mutableSpan
                let length = try encoder.encode(input.span, into: &bytes)
                var samples = output.mutableSpan
                _ = try decoder.decode(packet.span.extracting(first: length), into: &samples)
            }
        }
        #expect(count == 0)
    }
}
