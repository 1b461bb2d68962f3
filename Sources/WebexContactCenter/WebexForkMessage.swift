// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Encodings of forked audio, by their numbers on the wire.
enum WebexForkEncoding: Int32, Hashable, Sendable {
    case linear16 = 1
    case mulaw = 2
    case alaw = 3
}

/// Whose audio a leg is, by the numbers on the wire.
public enum WebexForkRole: Int32, Hashable, Sendable {
    case unspecified = 0
    case caller = 1
    case agent = 2

    /// As calls and logs name it.
    var name: String {
        switch self {
        case .unspecified: "unspecified"
        case .caller: "caller"
        case .agent: "agent"
        }
    }
}

/// An encoded `ConversationAudioForkingRequest`: where its parts stand. No allocation.
struct WebexForkMessage: Hashable, Sendable {
    var conversation = 0..<0
    var organization = 0..<0
    var hasAudio = false
    var data = 0..<0
    /// 0: not said.
    var encoding: Int32 = 0
    /// 0: not said.
    var rate: Int32 = 0
    var role: Int32 = 0
    var roleID = 0..<0
    /// When the audio was captured, in nanoseconds since 1970; nil when not said or no date of
    /// this age.
    var capturedAt: Int64?

    /// Reads an encoded message. Fields of other types than ours are passed over, as unknown ones.
    init(reading octets: Span<UInt8>) throws(ProtobufFieldReader.Failure) {
        var reader = ProtobufFieldReader(0..<octets.count)
        while let field = try reader.next(in: octets) {
            guard let range = field.value.octets else { continue }
            switch field.number {
            case 1: conversation = range
            case 2: organization = range
            case 3: try readAudio(range, in: octets)
            default: break
            }
        }
    }

    private mutating func readAudio(
        _ range: Range<Int>, in octets: Span<UInt8>
    ) throws(ProtobufFieldReader.Failure) {
        hasAudio = true
        var reader = ProtobufFieldReader(range)
        while let field = try reader.next(in: octets) {
            switch field.number {
            case 1: data = field.value.octets ?? data
            case 2: encoding = field.value.int32 ?? encoding
            case 3: rate = field.value.int32 ?? rate
            case 4:
                guard let place = field.value.octets else { break }
                capturedAt = try Self.time(place, in: octets)
            case 5: role = field.value.int32 ?? role
            case 6: roleID = field.value.octets ?? roleID
            default: break
            }
        }
    }

    private static func time(
        _ range: Range<Int>, in octets: Span<UInt8>
    ) throws(ProtobufFieldReader.Failure) -> Int64? {
        var reader = ProtobufFieldReader(range)
        var seconds: Int64 = 0
        var nanoseconds: Int32 = 0
        while let field = try reader.next(in: octets) {
            switch field.number {
            case 1: seconds = field.value.int64 ?? seconds
            case 2: nanoseconds = field.value.int32 ?? nanoseconds
            default: break
            }
        }
        // What 64 bits of nanoseconds hold; an unset timestamp is no time.
        guard (1...9_000_000_000).contains(seconds), (0...999_999_999).contains(nanoseconds) else {
            return nil
        }
        return seconds * 1_000_000_000 + Int64(nanoseconds)
    }

    /// The entries of `additional_info`, within limits. For the first message of a leg only.
    static func additionalInfo(in octets: Span<UInt8>) -> [String: String] {
        var entries: [String: String] = [:]
        var reader = ProtobufFieldReader(0..<octets.count)
        while entries.count < WebexForkPolicy.maximumInputs,
            let field = try? reader.next(in: octets)
        {
            guard field.number == 4, let range = field.value.octets,
                let (name, value) = entry(range, in: octets)
            else { continue }
            entries[name] = value
        }
        return entries
    }

    private static func entry(
        _ range: Range<Int>, in octets: Span<UInt8>
    ) -> (String, String)? {
        var reader = ProtobufFieldReader(range)
        var name = ""
        var value = ""
        while let field = try? reader.next(in: octets) {
            guard let place = field.value.octets,
                place.count <= WebexForkPolicy.maximumInputBytes,
                let text = octets.text(place)
            else { continue }
            if field.number == 1 { name = text }
            if field.number == 2 { value = text }
        }
        return name.isEmpty ? nil : (name, value)
    }
}

extension Span<UInt8> {
    /// A copy of the octets at `range`.
    func copy(_ range: Range<Int>) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(range.count)
        for index in range { octets.append(self[index]) }
        return octets
    }

    /// The octets at `range` as text; nil when they are no UTF-8.
    func text(_ range: Range<Int>) -> String? {
        String(validating: copy(range), as: UTF8.self)
    }

    /// Whether the octets at `range` are these. No allocation.
    func holds(_ other: [UInt8], at range: Range<Int>) -> Bool {
        let octets = extracting(range)
        guard octets.count == other.count else { return false }
        // Without a way out of the loop it is a few vector instructions.
        var difference: UInt8 = 0
        for index in 0..<other.count { difference |= octets[index] ^ other[index] }
        return difference == 0
    }
}
