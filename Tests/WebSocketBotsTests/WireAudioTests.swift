// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import WebSocketBots

@Suite struct WireAudioTests {
    @Test(arguments: [WireAudio.Encoding.pcm16, .pcmu, .pcma], [1, 2, 3, 7, 640])
    func anyChunkingGivesTheSameSamples(encoding: WireAudio.Encoding, size: Int) throws {
        let form = WireAudio(encoding, rate: .hz8000)
        var encoder = try WireEncoder(form)
        var bytes: [UInt8] = []
        let samples = (0..<320).map { Int16($0 * 100 - 16_000) }
        encoder.encode(LinearAudio(samples.span, rate: .hz8000)) { message, count in
            #expect(count == 320)
            bytes += message
        }
        var whole = try WireDecoder(form)
        let expected = whole.decode(bytes)
        #expect(expected?.count == 320)
        if encoding == .pcm16 { #expect(expected == samples) }
        var decoder = try WireDecoder(form)
        var decoded: [Int16] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            decoded += decoder.decode(Array(bytes[start..<min(start + size, bytes.count)])) ?? []
        }
        #expect(decoded == expected)
    }

    @Test(arguments: WireAudio.rates) func opusGoesInPacketsOf20Milliseconds(rate: Int) throws {
        let form = WireAudio(.opus, rate: SampleRate(hertz: rate))
        var encoder = try WireEncoder(form)
        var decoder = try WireDecoder(form)
        var packets: [[UInt8]] = []
        // 50 ms in uneven parts: two packets, and 10 ms that wait for company.
        for part in [rate / 100, rate / 50, rate / 50] {
            let samples = [Int16](repeating: 100, count: part)
            encoder.encode(LinearAudio(samples.span, rate: form.rate)) { message, count in
                #expect(count == rate / 50)
                packets.append(message)
            }
        }
        #expect(packets.count == 2)
        for packet in packets {
            let samples = decoder.decode(packet)
            #expect(samples?.count == rate / 50)
        }
        for packet: [UInt8] in [[], [0xFF, 0xFF, 0xFF]] {
            let samples = decoder.decode(packet)
            #expect(samples == nil)
        }
    }
}
