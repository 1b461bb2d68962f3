// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import WebexContactCenter

@Suite struct WebexIngressTests {
    private static let rpc = WebexRPCID(number: 1)

    private func convert(
        _ messages: [[UInt8]], _ format: AudioFormat, on rpc: WebexRPCID = Self.rpc
    ) -> [Int16] {
        var ingress = WebexIngress()
        var output: [Int16] = []
        for message in messages {
            ingress.convert(message.span, format: format, on: rpc) { audio in
                #expect(audio.format == .pcmu8000)
                var linear = [Int16](repeating: 0, count: audio.frameCount)
                var room = linear.mutableSpan
                AudioCodec.decode(audio, into: &room)
                output += linear
            }
        }
        return output
    }

    private func encoded(_ samples: [Int16], _ encoding: AudioEncoding) -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: samples.count * encoding.bytesPerSample)
        var room = octets.mutableSpan
        AudioCodec.encode(LinearAudio(samples.span, rate: .hz8000), as: encoding, into: &room)
        return octets
    }

    private func decoded(_ octets: [UInt8], _ format: AudioFormat = .pcmu8000) -> [Int16] {
        var linear = [Int16](repeating: 0, count: octets.count)
        var room = linear.mutableSpan
        AudioCodec.decode(EncodedAudio(octets.span, format: format), into: &room)
        return linear
    }

    private static let samples = (0..<1600).map { Int16(($0 * 37) % 20_000 - 10_000) }

    @Test func muLawPassesUntouched() {
        let octets = encoded(Self.samples, .pcmu)
        #expect(convert([octets], .pcmu8000) == decoded(octets))
    }

    @Test(arguments: [1, 2, 3, 639, 640, 641, 3200])
    func linearAudioMayBeCutAnywhere(size: Int) {
        let octets = encoded(Self.samples, .linear16LittleEndian)
        var messages: [[UInt8]] = []
        var offset = 0
        while offset < octets.count {
            messages.append(Array(octets[offset..<min(offset + size, octets.count)]))
            offset += size
        }
        #expect(
            convert(messages, AudioFormat(.linear16LittleEndian, rate: .hz8000))
                == decoded(encoded(Self.samples, .pcmu)))
    }

    @Test func aLawIsConverted() {
        let octets = encoded(Self.samples, .pcma)
        let linear = decoded(octets, .pcma8000)
        #expect(convert([octets], .pcma8000) == decoded(encoded(linear, .pcmu)))
    }

    @Test func sixteenKilohertzBecomeEight() {
        let octets = encoded(Self.samples, .linear16LittleEndian)
        #expect(convert([octets], AudioFormat(.linear16LittleEndian, rate: .hz16000)).count == 800)
    }

    @Test func anOddOctetIsNotCarriedToAnotherRPC() {
        var ingress = WebexIngress()
        let format = AudioFormat(.linear16LittleEndian, rate: .hz8000)
        var count = 0
        let odd: [UInt8] = [1, 2, 3]
        let even: [UInt8] = [1, 2, 3, 4]
        ingress.convert(odd.span, format: format, on: Self.rpc) { count += $0.bytes.byteCount }
        ingress.convert(even.span, format: format, on: WebexRPCID(number: 2)) {
            count += $0.bytes.byteCount
        }
        #expect(count == 3)
    }

    @Test func convertingAllocatesNothing() {
        var ingress = WebexIngress()
        let octets = encoded(Self.samples, .linear16LittleEndian)
        let format = AudioFormat(.linear16LittleEndian, rate: .hz16000)
        var sum = 0
        let count = allocationsWhenWarm {
            ingress.convert(octets.span, format: format, on: Self.rpc) {
                sum += $0.bytes.byteCount
            }
        }
        #expect(count == 0)
        #expect(sum == 1600)
    }
}
