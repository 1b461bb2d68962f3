// Sidetone
// SPDX-License-Identifier: Apache-2.0

import CAllocationCounter
import SwiftProtobuf
import Testing
import WebexMessages

@testable import WebexContactCenter

/// The reader against the generated code.
@Suite struct WebexAudioRequestTests {
    private static func text(_ range: Range<Int>, of octets: [UInt8]) -> String {
        String(decoding: octets[range], as: UTF8.self)
    }

    /// Checks that what was read is what the generated code reads.
    private func expectAgreement(_ read: WebexAudioRequest, _ octets: [UInt8]) {
        guard let decoded = try? WebexVoiceVARequest(serializedBytes: octets) else {
            Issue.record("the generated code refuses \(octets)")
            return
        }
        guard case .audioInput(let input)? = decoded.voiceVaInputType else {
            Issue.record("no audio in \(octets)")
            return
        }
        #expect(Self.text(read.conversationID, of: octets) == decoded.conversationID)
        #expect(Self.text(read.organizationID, of: octets) == decoded.customerOrgID)
        #expect(Self.text(read.virtualAgentID, of: octets) == decoded.virtualAgentID)
        #expect(Array(octets[read.audio]) == Array(input.callerAudio))
        #expect(Int(read.encoding) == input.encoding.rawValue)
        #expect(read.sampleRate == input.sampleRateHertz)
    }

    @Test func whatTheSampleClientSends() throws {
        var request = WebexScene.audioRequest()
        request.audioInput.callerAudio.append(contentsOf: [UInt8](repeating: 0x7F, count: 160))
        request.audioInput.audioTimestamp.seconds = 1_700_000_000
        request.audioInput.isSingleUtterance = true
        request.allowPartialResponses = true
        request.vendorSpecificConfig = "config"
        let octets: [UInt8] = try request.serializedBytes()
        let parsed = WebexAudioRequest(octets.span)
        let read = try #require(parsed)
        expectAgreement(read, octets)
        #expect(read.audio.count == 160)
    }

    @Test func anotherInputIsLeftToTheGeneratedCode() throws {
        let octets: [UInt8] = try WebexScene.request(.sessionStart).serializedBytes()
        let event = WebexAudioRequest(octets.span)
        #expect(event == nil)
        let neither: [UInt8] = try WebexScene.request().serializedBytes()
        let nothing = WebexAudioRequest(neither.span)
        #expect(nothing == nil)
        // Audio that a later event replaces.
        let audio: [UInt8] = try WebexScene.audioRequest().serializedBytes()
        let both = audio + octets
        let replaced = WebexAudioRequest(both.span)
        #expect(replaced == nil)
    }

    // MARK: Random messages

    private struct Writer {
        var random: WebexRandom
        var octets: [UInt8] = []

        mutating func pick(_ range: ClosedRange<Int>) -> Int {
            Int.random(in: range, using: &random)
        }

        mutating func varint(_ value: UInt64) {
            var rest = value
            // Now and then longer than it need be, which is allowed up to ten octets.
            let extra = pick(0...9) == 0 ? pick(1...3) : 0
            var parts: [UInt8] = []
            repeat {
                parts.append(UInt8(rest & 0x7F))
                rest >>= 7
            } while rest > 0
            parts += [UInt8](repeating: 0, count: min(extra, 10 - parts.count))
            for index in parts.indices {
                octets.append(parts[index] | (index + 1 < parts.count ? 0x80 : 0))
            }
        }

        mutating func field(_ number: UInt64, _ content: [UInt8]) {
            varint(number << 3 | 2)
            varint(UInt64(content.count))
            octets += content
        }

        mutating func unknown() {
            let number = UInt64(pick(30...40))
            switch pick(0...3) {
            case 0:
                varint(number << 3)
                varint(UInt64.random(in: 0...UInt64.max, using: &random))
            case 1:
                varint(number << 3 | 1)
                octets += [UInt8](repeating: 7, count: 8)
            case 2: field(number, [UInt8](repeating: 9, count: pick(0...9)))
            default:
                varint(number << 3 | 5)
                octets += [UInt8](repeating: 7, count: 4)
            }
        }

        mutating func text() -> [UInt8] {
            Array((0..<pick(0...6)).map { _ in ["a", "-", "é", "漢"][pick(0...3)] }.joined().utf8)
        }
    }

    private static func input(_ random: inout WebexRandom) -> [UInt8] {
        var writer = Writer(random: random)
        for _ in 0..<writer.pick(0...7) {
            switch writer.pick(0...7) {
            case 0, 1: writer.field(1, [UInt8](repeating: 0xFF, count: writer.pick(0...200)))
            case 2:
                writer.varint(2 << 3)
                writer.varint(UInt64.random(in: 0...4, using: &writer.random))
            case 3:
                writer.varint(3 << 3)
                let odd = UInt64.random(in: 0...UInt64.max, using: &writer.random)
                writer.varint([0, 8000, 16_000, odd][writer.pick(0...3)])
            case 4:
                var time = Writer(random: writer.random)
                time.varint(1 << 3)
                time.varint(UInt64.random(in: 0...UInt64.max, using: &time.random))
                if time.pick(0...1) == 0 { time.unknown() }
                writer.random = time.random
                writer.field(4, time.octets)
            case 5: writer.field(5, writer.text())
            case 6:
                writer.varint(6 << 3)
                writer.varint(UInt64(writer.pick(0...1)))
            default: writer.unknown()
            }
        }
        random = writer.random
        return writer.octets
    }

    /// A request with audio, its fields in any order and any number of times.
    private static func message(_ random: inout WebexRandom) -> [UInt8] {
        var writer = Writer(random: random)
        let count = writer.pick(1...10)
        let audioAt = writer.pick(0...(count - 1))
        for index in 0..<count {
            switch index == audioAt ? 6 : writer.pick(0...8) {
            case 0, 1: writer.field(1, writer.text())
            case 2: writer.field(2, writer.text())
            case 3: writer.field(3, writer.text())
            case 4:
                writer.varint(4 << 3)
                writer.varint(UInt64(writer.pick(0...1)))
            case 5: writer.field(5, writer.text())
            case 6, 7:
                let content = input(&writer.random)
                writer.field(6, content)
            default: writer.unknown()
            }
        }
        random = writer.random
        return writer.octets
    }

    @Test func agreesWithTheGeneratedCodeOnRandomRequests() {
        var random = WebexRandom(seed: 0x5EED_0301)
        for _ in 0..<5_000 {
            let octets = Self.message(&random)
            guard let read = WebexAudioRequest(octets.span) else {
                Issue.record("not read: \(octets)")
                return
            }
            expectAgreement(read, octets)
        }
    }

    @Test func whatIsReadOfABrokenRequestIsWhatTheGeneratedCodeReads() {
        var random = WebexRandom(seed: 0x5EED_0302)
        var read = 0
        var refused = 0
        for _ in 0..<20_000 {
            var octets = Self.message(&random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: octets.removeLast(Int.random(in: 0...min(20, octets.count), using: &random))
            case 1:
                for _ in 0..<3 where !octets.isEmpty {
                    octets[Int.random(in: 0..<octets.count, using: &random)] =
                        UInt8.random(in: 0...255, using: &random)
                }
            default:
                // A number of eleven octets.
                octets += [0xF0] + [UInt8](repeating: 0x80, count: 10) + [1]
            }
            if let request = WebexAudioRequest(octets.span) {
                read += 1
                expectAgreement(request, octets)
            } else {
                refused += 1
            }
        }
        #expect(read > 1_000)
        #expect(refused > 8_000)
    }

    @Test func readingAllocatesNothing() throws {
        var request = WebexScene.audioRequest()
        request.audioInput.callerAudio.append(contentsOf: [UInt8](repeating: 0x7F, count: 160))
        request.audioInput.audioTimestamp.seconds = 1_700_000_000
        let octets: [UInt8] = try request.serializedBytes()
        var sum = 0
        let count = allocationsWhenWarm {
            for _ in 0..<100 {
                if let read = WebexAudioRequest(octets.span) { sum += read.audio.count }
            }
        }
        #expect(count == 0)
        #expect(sum == 32_000)
    }
}
