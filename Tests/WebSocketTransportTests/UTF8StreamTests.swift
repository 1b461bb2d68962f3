// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import WebSocketTransport

@Suite struct UTF8StreamTests {
    @Test func textCutAnywhereIsValid() {
        let text = Array("aé€😀\u{10FFFF}z\u{D7FF}\u{E000}".utf8)
        for first in 0...text.count {
            for second in first...text.count {
                var stream = UTF8Stream()
                let accepted = [text[..<first], text[first..<second], text[second...]].map {
                    stream.append($0.span)
                }
                #expect(accepted == [true, true, true])
                #expect(stream.isComplete)
            }
        }
    }

    @Test(
        arguments: [
            [0x80], [0xC0], [0xC1], [0xE0, 0x9F], [0xED, 0xA0], [0xF0, 0x8F], [0xF4, 0x90],
            [0xF5], [0xFF], [0xC3, 0x28], [0xE2, 0x82, 0x28], [0xF0, 0x9F, 0x98, 0x28],
        ] as [[UInt8]])
    func theOffendingByteIsNoticedAtOnce(_ bytes: [UInt8]) {
        var stream = UTF8Stream()
        let accepted = bytes.map { stream.append([$0].span) }
        #expect(accepted == bytes.dropLast().map { _ in true } + [false])
    }

    @Test func aCharacterCutOffIsIncomplete() {
        var stream = UTF8Stream()
        let accepted = stream.append([0x61, 0xE2, 0x82].span)
        #expect(accepted)
        #expect(!stream.isComplete)
    }

    @Test func randomBytesInRandomPiecesAgreeWithTheStandardLibrary() {
        let seed: UInt64 = 0x51DE_7043
        var random = SeededGenerator(seed: seed)
        let alphabet: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xE1, 0xED, 0xF0,
            0xF4,
        ]
        for round in 0..<5000 {
            let bytes = (0..<Int.random(in: 1...7, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            var stream = UTF8Stream()
            var isValid = true
            var rest = bytes[...]
            while !rest.isEmpty, isValid {
                let piece = rest.prefix(Int.random(in: 1...3, using: &random))
                rest = rest.dropFirst(piece.count)
                isValid = stream.append(piece.span)
            }
            let expected = String(validating: bytes, as: UTF8.self) != nil
            #expect((isValid && stream.isComplete) == expected, "seed \(seed) round \(round)")
        }
    }
}
