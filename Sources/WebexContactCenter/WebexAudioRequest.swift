// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A `VoiceVARequest` that carries caller audio, read in place: ranges of its octets, no copy.
///
/// Fifty of these a second and call arrive, so they are read without allocation. Anything that is
/// not plainly such a request (another input, a map, a group, an octet out of place) is left to the
/// generated code.
struct WebexAudioRequest: Hashable {
    private(set) var conversationID = 0..<0
    private(set) var organizationID = 0..<0
    private(set) var virtualAgentID = 0..<0
    private(set) var audio = 0..<0
    /// The number of the encoding, known or not.
    private(set) var encoding: Int32 = 0
    private(set) var sampleRate: Int32 = 0
    private var hasAudioInput = false

    /// - Returns: nil when the request must be decoded in full.
    init?(_ bytes: Span<UInt8>) {
        var cursor = WebexWireCursor(0..<bytes.count)
        while !cursor.isAtEnd {
            guard let (field, type) = cursor.tag(in: bytes) else { return nil }
            switch (field, type) {
            case (1, .delimited):
                guard let text = Self.text(&cursor, bytes) else { return nil }
                conversationID = text
            case (2, .delimited):
                guard let text = Self.text(&cursor, bytes) else { return nil }
                organizationID = text
            case (3, .delimited):
                guard let text = Self.text(&cursor, bytes) else { return nil }
                virtualAgentID = text
            case (5, .delimited):
                guard Self.text(&cursor, bytes) != nil else { return nil }
            case (6, .delimited):
                // A second one is merged into the first: the last of each field counts.
                guard let input = cursor.content(in: bytes), readInput(input, bytes) else {
                    return nil
                }
                hasAudioInput = true
            case (7, .delimited), (8, .delimited), (9, .delimited):
                return nil
            default:
                guard cursor.skip(type, in: bytes) else { return nil }
            }
        }
        guard hasAudioInput else { return nil }
    }

    private mutating func readInput(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
        var cursor = WebexWireCursor(range)
        while !cursor.isAtEnd {
            guard let (field, type) = cursor.tag(in: bytes) else { return false }
            switch (field, type) {
            case (1, .delimited):
                guard let content = cursor.content(in: bytes) else { return false }
                audio = content
            case (2, .varint):
                guard let number = cursor.varint(in: bytes) else { return false }
                encoding = Int32(truncatingIfNeeded: number)
            case (3, .varint):
                guard let number = cursor.varint(in: bytes) else { return false }
                sampleRate = Int32(truncatingIfNeeded: number)
            case (4, .delimited):
                guard let content = cursor.content(in: bytes), Self.isWellFormed(content, bytes)
                else { return false }
            case (5, .delimited):
                guard Self.text(&cursor, bytes) != nil else { return false }
            default:
                guard cursor.skip(type, in: bytes) else { return false }
            }
        }
        return true
    }

    /// Whether a timestamp's fields can be walked; what it says is not used.
    private static func isWellFormed(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
        var cursor = WebexWireCursor(range)
        while !cursor.isAtEnd {
            guard let (_, type) = cursor.tag(in: bytes), cursor.skip(type, in: bytes) else {
                return false
            }
        }
        return true
    }

    private static func text(_ cursor: inout WebexWireCursor, _ bytes: Span<UInt8>) -> Range<Int>? {
        guard let content = cursor.content(in: bytes) else { return nil }
        return (try? UTF8Span(validating: bytes.extracting(content))) == nil ? nil : content
    }

    /// Whether the octets at `range` are `text`.
    static func equal(_ range: Range<Int>, of bytes: Span<UInt8>, _ text: [UInt8]) -> Bool {
        guard range.count == text.count else { return false }
        var index = 0
        while index < text.count {
            guard bytes[range.lowerBound + index] == text[index] else { return false }
            index += 1
        }
        return true
    }
}
