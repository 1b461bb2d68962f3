// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Walks the fields of a protobuf message in place, without memory of its own.
///
/// Every step that the encoding does not allow gives nil (or false): the reader then leaves the
/// message to the generated code, whose verdict counts.
struct WebexWireCursor {
    enum WireType: UInt8 {
        case varint = 0
        case fixed64 = 1
        case delimited = 2
        case fixed32 = 5
    }

    private(set) var offset: Int
    private let end: Int

    init(_ range: Range<Int>) {
        offset = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { offset == end }

    /// A base-128 number of up to ten octets; bits beyond 64 are dropped, as everywhere.
    mutating func varint(in bytes: Span<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < end, shift < 64 {
            let octet = bytes[offset]
            offset += 1
            value |= UInt64(octet & 0x7F) &<< shift
            if octet < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    /// Number and wire type of the next field; nil also for groups, which nothing here uses.
    mutating func tag(in bytes: Span<UInt8>) -> (field: UInt64, type: WireType)? {
        guard let tag = varint(in: bytes), tag <= UInt64(UInt32.max), tag >= 8,
            let type = WireType(rawValue: UInt8(tag & 7))
        else { return nil }
        return (tag >> 3, type)
    }

    /// The content of a length-delimited field.
    mutating func content(in bytes: Span<UInt8>) -> Range<Int>? {
        guard let length = varint(in: bytes), length <= UInt64(end - offset) else { return nil }
        let start = offset
        offset += Int(length)
        return start..<offset
    }

    /// Passes over a field of no interest.
    mutating func skip(_ type: WireType, in bytes: Span<UInt8>) -> Bool {
        switch type {
        case .varint: return varint(in: bytes) != nil
        case .delimited: return content(in: bytes) != nil
        case .fixed64: return advance(by: 8)
        case .fixed32: return advance(by: 4)
        }
    }

    private mutating func advance(by count: Int) -> Bool {
        guard end - offset >= count else { return false }
        offset += count
        return true
    }
}
