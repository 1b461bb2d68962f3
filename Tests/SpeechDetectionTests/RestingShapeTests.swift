// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import SpeechDetection

@Suite struct RestingShapeTests {
    /// A deep hum with faint noise.
    private func hum(_ count: Int, from first: Int = 0, random: inout SeededRandom) -> [Int16] {
        (first..<first + count).map { index in
            // 125 Hz: a triangle of 64 samples.
            let place = index % 64
            let wave = Float(place < 32 ? place - 16 : 48 - place) * 40
            return Int16((wave + 30 * random.sample()).rounded())
        }
    }

    private func rested(on blocks: [[Int16]]) -> RestingShape {
        var shape = RestingShape()
        for block in blocks { shape.observe(BlockShape(block.span)) }
        return shape
    }

    @Test func moreOfTheSameIsCovered() {
        var random = SeededRandom(seed: 1)
        let blocks = (0..<200).map { hum(64, from: $0 * 64, random: &random) }
        let shape = rested(on: Array(blocks[..<100]))
        #expect(blocks[100...].allSatisfy { shape.covers(BlockShape($0.span)) })
    }

    @Test func aSoftHissOverADeepHumIsNot() {
        var random = SeededRandom(seed: 2)
        let shape = rested(on: (0..<100).map { hum(64, from: $0 * 64, random: &random) })
        // A tenth of the hum's power, all of it high.
        let hiss = hum(64, random: &random).enumerated().map { index, sample in
            sample + (index % 2 == 0 ? 120 : -120)
        }
        let block = BlockShape(hiss.span)
        #expect(block.power < 1.4 * BlockShape(hum(64, random: &random).span).power)
        #expect(!shape.covers(block))
    }

    @Test func nothingIsCoveredBeforeTheLineIsKnown() {
        let silence = [Int16](repeating: 0, count: 64)
        #expect(!rested(on: Array(repeating: silence, count: 15)).covers(BlockShape(silence.span)))
        #expect(rested(on: Array(repeating: silence, count: 16)).covers(BlockShape(silence.span)))
    }

    @Test func aStepOfTheCodecIsSilence() {
        let silence = [Int16](repeating: 0, count: 64)
        let shape = rested(on: Array(repeating: silence, count: 20))
        let step = (0..<64).map { Int16($0 % 7 == 0 ? 8 : 0) }
        #expect(shape.covers(BlockShape(step.span)))
    }
}
