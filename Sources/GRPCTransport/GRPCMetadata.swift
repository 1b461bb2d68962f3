// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// What travels with a call beside its messages: names in lower case, text or octets.
///
/// Names that end in `-bin` hold octets, base64 on the wire (gRPC over HTTP2, "Custom-Metadata").
public struct GRPCMetadata: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// Names and values as on the wire, in order; a name may stand several times.
    public private(set) var pairs: [(name: String, value: String)] = []

    public init() {}

    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { add(name, value) }
    }

    /// The fields of a header block that are not HTTP's own.
    init(_ fields: [HTTP2Field]) {
        pairs = fields.lazy.filter { !$0.name.hasPrefix(":") }.map { ($0.name, $0.value) }
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.pairs.elementsEqual(right.pairs) { $0.name == $1.name && $0.value == $1.value }
    }

    public func hash(into hasher: inout Hasher) {
        for pair in pairs {
            hasher.combine(pair.name)
            hasher.combine(pair.value)
        }
    }

    /// The first value of that name, as text on the wire.
    public subscript(_ name: String) -> String? {
        pairs.first { $0.name == name }?.value
    }

    /// The octets of the first value of that name; nil when it is not base64.
    /// - Precondition: the name ends in `-bin`.
    public func binary(_ name: String) -> [UInt8]? {
        precondition(name.hasSuffix("-bin"), "Names of octets end in -bin")
        // Several values may have been joined by commas on the way.
        guard let value = self[name]?.split(separator: ",", omittingEmptySubsequences: false).first
        else { return nil }
        return Base64.decode(value)
    }

    /// - Precondition: the name is in lower case, is not HTTP's or gRPC's own, and the value is
    ///   printable ASCII.
    public mutating func add(_ name: String, _ value: String) {
        precondition(Self.isAllowed(name), "\(name) is not a name for metadata")
        precondition(
            value.utf8.allSatisfy { $0 >= 0x20 && $0 <= 0x7E }, "\(name): not printable ASCII")
        pairs.append((name, value))
    }

    /// - Precondition: the name ends in `-bin`.
    public mutating func add(_ name: String, binary octets: [UInt8]) {
        precondition(name.hasSuffix("-bin"), "Names of octets end in -bin")
        add(name, Base64.encode(octets))
    }

    private static func isAllowed(_ name: String) -> Bool {
        let reserved: Set = ["te", "content-type", "connection", "host", "transfer-encoding"]
        let isToken = name.utf8.allSatisfy { octet in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return isToken && !name.isEmpty && !name.hasPrefix("grpc-") && !reserved.contains(name)
    }

    var fields: [HTTP2Field] { pairs.map { HTTP2Field($0.name, $0.value) } }
}

/// Base64 as metadata uses it (RFC 4648, section 4): padding is written never and read always.
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, octet) in alphabet.enumerated() { values[Int(octet)] = UInt8(value) }
        return values
    }()

    static func encode(_ octets: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((octets.count * 4 + 2) / 3)
        var bits: UInt32 = 0
        var count = 0
        for octet in octets {
            bits = bits << 8 | UInt32(octet)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[Int(bits >> UInt32(count)) & 63])
            }
        }
        if count > 0 { text.append(alphabet[Int(bits << UInt32(6 - count)) & 63]) }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: Substring) -> [UInt8]? {
        var digits = Array(text.utf8)
        while digits.last == UInt8(ascii: "="), digits.count % 4 == 0 || digits.count % 4 == 3 {
            digits.removeLast()
        }
        guard digits.count % 4 != 1 else { return nil }
        var octets: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for digit in digits {
            let value = values[Int(digit)]
            guard value < 64 else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                octets.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return octets
    }
}
