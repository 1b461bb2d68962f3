// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import GRPCTransport

@Suite struct MessageDeframerTests {
    /// The messages that come out when `octets` arrive in pieces of the given lengths, cyclically.
    private func read(
        _ octets: [UInt8], pieces: [Int], limit: Int = 1 << 20
    ) throws -> (messages: [[UInt8]], isBetween: Bool) {
        var deframer = MessageDeframer(limit: limit)
        var messages: [[UInt8]] = []
        var start = 0
        var turn = 0
        while start < octets.count {
            let end = min(octets.count, start + pieces[turn % pieces.count])
            let piece = Array(octets[start..<end])
            start = end
            turn += 1
            var offset = 0
            reading: while true {
                switch try deframer.next(in: piece.span, at: &offset) {
                case .nothing: break reading
                case .inPlace(let range, _): messages.append(Array(piece[range]))
                case .assembled(let buffer, _):
                    messages.append(Array(buffer.readableBytesView))
                    deframer.reuse(buffer)
                }
            }
            #expect(offset == piece.count)
        }
        return (messages, deframer.isBetweenMessages)
    }

    private func frame(_ message: [UInt8]) -> [UInt8] {
        var queue = OctetQueue(OctetBlocks())
        queue.append(message: message.span)
        return queue.takeAll()
    }

    @Test func prefixIsAFlagAndALengthInNetworkOrder() {
        #expect(frame([7, 8]) == [0, 0, 0, 0, 2, 7, 8])
        #expect(frame([]) == [0, 0, 0, 0, 0])
        #expect(
            Array(frame(Array(repeating: 1, count: 70_000)).prefix(5)) == [0, 0, 1, 0x11, 0x70])
    }

    @Test(arguments: [
        [1], [2], [3], [4], [5], [6], [7], [1, 5, 2], [64], [1000], [17, 1, 90_000],
    ])
    func anyChunkingGivesTheSameMessages(pieces: [Int]) throws {
        let messages: [[UInt8]] = [
            [1, 2, 3], [], Array(repeating: 9, count: 300), [0], [],
            Array(repeating: 4, count: 66_000),
            [5],
        ]
        let found = try read(messages.flatMap(frame), pieces: pieces)
        #expect(found.messages == messages)
        #expect(found.isBetween)
    }

    @Test(arguments: [1, 4, 5, 6])
    func endInsideAMessageIsSeen(count: Int) throws {
        let found = try read(Array(frame([1, 2, 3]).prefix(count)), pieces: [3])
        #expect(found.messages.isEmpty)
        #expect(!found.isBetween)
    }

    @Test(arguments: [[7], [1]])
    func tooLongIsToldWithThePrefix(pieces: [Int]) throws {
        #expect(throws: MessageFramingError.tooLong(101)) {
            _ = try read([0, 0, 0, 0, 101], pieces: pieces, limit: 100)
        }
        #expect(throws: MessageFramingError.tooLong(0xFFFF_FFFF)) {
            _ = try read([0, 255, 255, 255, 255, 1], pieces: pieces, limit: 100)
        }
        let atTheLimit = try read(
            frame(Array(repeating: 1, count: 100)), pieces: pieces, limit: 100)
        #expect(atTheLimit.messages.count == 1)
    }

    @Test func flagsOtherThanZeroAreTold() {
        #expect(throws: MessageFramingError.compressed) {
            _ = try read([1, 0, 0, 0, 0], pieces: [5])
        }
        #expect(throws: MessageFramingError.reservedFlag(2)) {
            _ = try read([2, 0, 0, 0, 0], pieces: [1])
        }
    }

    @Test func compressedMessagesAreMarked() throws {
        var deframer = MessageDeframer(limit: 100, takesCompressed: true)
        var offset = 0
        let octets: [UInt8] = [1, 0, 0, 0, 1, 9, 0, 0, 0, 0, 1, 8]
        guard
            case .inPlace(5..<6, isCompressed: true) = try deframer.next(
                in: octets.span, at: &offset)
        else { return #expect(Bool(false)) }
        guard
            case .inPlace(11..<12, isCompressed: false) = try deframer.next(
                in: octets.span, at: &offset)
        else { return #expect(Bool(false)) }
        offset = 0
        let start: [UInt8] = [1, 0, 0, 0]
        _ = try deframer.next(in: start.span, at: &offset)
        offset = 0
        let rest: [UInt8] = [1, 7]
        guard
            case .assembled(_, isCompressed: true) = try deframer.next(
                in: rest.span, at: &offset)
        else { return #expect(Bool(false)) }
    }

    @Test func announcedLengthClaimsNoMemory() throws {
        var deframer = MessageDeframer(limit: 1 << 30)
        var offset = 0
        let prefix: [UInt8] = [0, 0x3F, 255, 255, 255]
        _ = try deframer.next(in: prefix.span, at: &offset)
        #expect(deframer.keptCount == 5)
    }
}
