// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Steps through the fields of one encoded protocol buffers message, in the order of the wire.
///
/// For messages that come a hundred thousand times a second: it keeps places, not contents, so
/// nothing is copied and nothing is allocated. A nested message is read by another reader over its
/// range. Strict: whatever cannot be a message of the platform ends the reading with an error.
/// What a field means, and that the last of several wins, is the caller's.
struct ProtobufFieldReader: Hashable, Sendable {
    /// What a field holds.
    enum Value: Hashable, Sendable {
        case varint(UInt64)
        /// Text, bytes or a nested message: where it stands in the octets.
        case octets(Range<Int>)
        /// Eight octets, least significant first.
        case fixed64(UInt64)
        /// Four octets, least significant first.
        case fixed32(UInt32)
    }

    struct Field: Hashable, Sendable {
        let number: Int
        let value: Value
    }

    enum Failure: Error, Hashable, Sendable {
        /// The message ends inside a field.
        case truncated
        /// A varint of more than ten octets or 64 bits.
        case overlongVarint
        /// A field number of 0 or above 2^29 - 1.
        case badFieldNumber
        /// A group (3, 4), or a wire type that does not exist (6, 7).
        case badWireType
    }

    private static let highestFieldNumber: UInt64 = 536_870_911

    private var offset: Int
    private let end: Int

    /// - Parameter range: where the message stands in the octets that ``next(in:)`` gets.
    init(_ range: Range<Int>) {
        offset = range.lowerBound
        end = range.upperBound
    }

    /// The next field; nil at the end of the message. No allocation.
    ///
    /// - Precondition: `octets` are the same at every call and contain the reader's range.
    mutating func next(in octets: Span<UInt8>) throws(Failure) -> Field? {
        guard offset < end else { return nil }
        let tag = try varint(in: octets)
        let number = tag >> 3
        guard (1...Self.highestFieldNumber).contains(number) else { throw .badFieldNumber }
        let value: Value
        switch tag & 7 {
        case 0: value = .varint(try varint(in: octets))
        case 1: value = .fixed64(try fixed(8, in: octets))
        case 2: value = .octets(try range(in: octets))
        case 5: value = .fixed32(UInt32(try fixed(4, in: octets)))
        default: throw .badWireType
        }
        return Field(number: Int(number), value: value)
    }

    private mutating func varint(in octets: Span<UInt8>) throws(Failure) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard offset < end else { throw .truncated }
            let octet = octets[offset]
            offset += 1
            // The tenth octet has room for one bit.
            guard shift < 63 || octet <= 1 else { throw .overlongVarint }
            value |= UInt64(octet & 0x7F) << shift
            guard octet >= 0x80 else { return value }
            shift += 7
        }
    }

    private mutating func range(in octets: Span<UInt8>) throws(Failure) -> Range<Int> {
        let length = try varint(in: octets)
        guard length <= UInt64(end - offset) else { throw .truncated }
        let start = offset
        offset += Int(length)
        return start..<offset
    }

    private mutating func fixed(_ count: Int, in octets: Span<UInt8>) throws(Failure) -> UInt64 {
        guard end - offset >= count else { throw .truncated }
        var value: UInt64 = 0
        for index in 0..<count {
            value |= UInt64(octets[offset + index]) << UInt64(8 * index)
        }
        offset += count
        return value
    }
}

extension ProtobufFieldReader.Value {
    /// A field of type `int32` or of an enumeration: the lower half of a varint. Nil when the field
    /// has another type on the wire.
    var int32: Int32? {
        guard case .varint(let value) = self else { return nil }
        return Int32(truncatingIfNeeded: value)
    }

    /// A field of type `int64`; nil when the field has another type on the wire.
    var int64: Int64? {
        guard case .varint(let value) = self else { return nil }
        return Int64(bitPattern: value)
    }

    /// The place of text, bytes or a nested message; nil when the field has another type on the
    /// wire.
    var octets: Range<Int>? {
        guard case .octets(let range) = self else { return nil }
        return range
    }
}
