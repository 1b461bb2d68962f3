// Sidetone
// SPDX-License-Identifier: Apache-2.0

import CAllocationCounter
import SwiftProtobuf
import Testing
import WebexMessages

@testable import WebexContactCenter

@Suite struct ProtobufFieldReaderTests {
    private typealias Reader = ProtobufFieldReader

    private func fields(_ octets: [UInt8]) throws -> [Reader.Field] {
        var reader = Reader(0..<octets.count)
        var fields: [Reader.Field] = []
        while let field = try reader.next(in: octets.span) { fields.append(field) }
        return fields
    }

    @Test func readsEveryWireTypeThatAMessageMayHave() throws {
        let octets: [UInt8] =
            [0x08, 0x96, 0x01] + [0x12, 0x03, 1, 2, 3] + [0x1D, 1, 0, 0, 0x80]
            + [0x21, 1, 2, 3, 4, 5, 6, 7, 0x88] + [0x2A, 0]
        #expect(
            try fields(octets) == [
                Reader.Field(number: 1, value: .varint(150)),
                Reader.Field(number: 2, value: .octets(5..<8)),
                Reader.Field(number: 3, value: .fixed32(0x8000_0001)),
                Reader.Field(number: 4, value: .fixed64(0x8807_0605_0403_0201)),
                Reader.Field(number: 5, value: .octets(octets.count..<octets.count)),
            ])
        #expect(try fields([]) == [])
    }

    @Test func readsNumbersOfBothSigns() throws {
        let minusOne = [UInt8](repeating: 0xFF, count: 9) + [0x01]
        let field = try #require(try fields([0x08] + minusOne).first)
        #expect(field.value.int64 == -1)
        #expect(field.value.int32 == -1)
        #expect(field.value.octets == nil)
        // A varint may be longer than it need be.
        #expect(try fields([0x08, 0x81, 0x80, 0x00]).first?.value == .varint(1))
        #expect(
            try fields([0xF8, 0xFF, 0xFF, 0xFF, 0x0F, 0]).first?.number == 536_870_911)
    }

    @Test(arguments: [
        ([0x80], ProtobufFieldReader.Failure.truncated),
        ([0x08], .truncated),
        ([0x08, 0xFF], .truncated),
        ([0x12], .truncated),
        ([0x12, 2, 1], .truncated),
        ([0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .truncated),
        ([0x1D, 1, 2, 3], .truncated),
        ([0x21, 1, 2, 3, 4, 5, 6, 7], .truncated),
        ([0x08] + [UInt8](repeating: 0x80, count: 10) + [0], .overlongVarint),
        ([0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x02], .overlongVarint),
        ([0x00, 0], .badFieldNumber),
        ([0x80, 0x80, 0x80, 0x80, 0x10, 0], .badFieldNumber),
        ([0x0B], .badWireType),
        ([0x0C], .badWireType),
        ([0x0E, 0], .badWireType),
        ([0x0F, 0], .badWireType),
    ])
    func refusesWhatIsNoMessage(octets: [UInt8], failure: ProtobufFieldReader.Failure) {
        #expect(throws: failure) { try fields(octets) }
    }

    @Test func aNestedMessageCannotReachBeyondItsEnd() throws {
        let octets: [UInt8] = [0x1A, 2, 0x0A, 5, 1, 2, 3, 4, 5]
        var reader = Reader(0..<octets.count)
        let range = try #require(try reader.next(in: octets.span)?.value.octets)
        var nested = Reader(range)
        #expect(throws: Reader.Failure.truncated) { _ = try nested.next(in: octets.span) }
    }

    @Test func everyTruncationOfAMessageIsFoundOrEndsOnAField() throws {
        var request = WebexVoiceVARequest()
        request.conversationID = "c-77"
        request.customerOrgID = "o-1"
        request.virtualAgentID = "bot"
        let whole: [UInt8] = try request.serializedBytes()
        let ends = [0, 6, 11, 16]
        for count in 0...whole.count {
            let isWhole = (try? fields(Array(whole.prefix(count)))) != nil
            #expect(isWhole == ends.contains(count))
        }
    }

    @Test func anyOctetsEndWithoutTrap() {
        let seed: UInt64 = 0x5EED_0009
        print("seed \(seed)")
        var state = seed
        var whole = 0
        for round in 0..<20_000 {
            let octets = (0..<round % 24).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 56)
            }
            if (try? fields(octets)) != nil { whole += 1 }
        }
        #expect(whole > 0)
    }

    @Test(.enabled(if: allocation_counter_available()))
    func readingAllocatesNothing() {
        let octets: [UInt8] = [0x08, 0x96, 0x01, 0x12, 0x03, 1, 2, 3]
        var sum = 0
        allocation_counter_start()
        for _ in 0..<1_000 {
            var reader = Reader(0..<octets.count)
            while let field = try? reader.next(in: octets.span) { sum += field.number }
        }
        #expect(allocation_counter_stop() == 0)
        #expect(sum == 3_000)
    }
}
