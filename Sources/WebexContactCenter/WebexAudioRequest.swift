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

    /// Why the reading ends early.
    private enum Failure: Error {
        case unusual
    }

    /// - Returns: nil when the request must be decoded in full.
    init?(_ octets: Span<UInt8>) {
        do throws(Failure) {
            try readRequest(octets)
        } catch {
            return nil
        }
        guard hasAudioInput else { return nil }
    }

    private mutating func readRequest(_ octets: Span<UInt8>) throws(Failure) {
        var reader = ProtobufFieldReader(0..<octets.count)
        while let field = try Self.next(&reader, octets) {
            // A field of another type on the wire is unknown to the generated code.
            guard let range = field.value.octets else { continue }
            switch field.number {
            case 1: conversationID = try Self.text(range, octets)
            case 2: organizationID = try Self.text(range, octets)
            case 3: virtualAgentID = try Self.text(range, octets)
            case 5: _ = try Self.text(range, octets)
            case 6:
                // A second one is merged into the first: the last of each field counts.
                try readInput(range, octets)
                hasAudioInput = true
            case 7, 8, 9: throw .unusual
            default: break
            }
        }
    }

    private mutating func readInput(
        _ range: Range<Int>, _ octets: Span<UInt8>
    ) throws(Failure) {
        var reader = ProtobufFieldReader(range)
        while let field = try Self.next(&reader, octets) {
            switch field.number {
            case 1: audio = field.value.octets ?? audio
            case 2: encoding = field.value.int32 ?? encoding
            case 3: sampleRate = field.value.int32 ?? sampleRate
            case 4:
                // What the timestamp says is not used, but it must be one.
                guard let place = field.value.octets else { break }
                var timestamp = ProtobufFieldReader(place)
                while try Self.next(&timestamp, octets) != nil {}
            case 5:
                guard let place = field.value.octets else { break }
                _ = try Self.text(place, octets)
            default: break
            }
        }
    }

    private static func next(
        _ reader: inout ProtobufFieldReader, _ octets: Span<UInt8>
    ) throws(Failure) -> ProtobufFieldReader.Field? {
        do throws(ProtobufFieldReader.Failure) {
            return try reader.next(in: octets)
        } catch {
            throw .unusual
        }
    }

    private static func text(
        _ range: Range<Int>, _ octets: Span<UInt8>
    ) throws(Failure) -> Range<Int> {
        guard (try? UTF8Span(validating: octets.extracting(range))) != nil else { throw .unusual }
        return range
    }
}
