// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Who a client certificate names, read from its DER (X.509, RFC 5280 section 4.1).
///
/// The chain was verified by TLS: here only the subject is looked at. Strict: definite, shortest
/// lengths and nothing beyond the end.
struct WebexClientCertificate: Hashable, Sendable {
    struct Unreadable: Error, Hashable, Sendable {}

    /// Every `CN` of the subject; nil stands for one in a form that is not compared.
    private(set) var commonNames: [String?] = []
    /// Every `O` of the subject, likewise.
    private(set) var organizations: [String?] = []

    private static let commonName: [UInt8] = [0x55, 0x04, 0x03]
    private static let organization: [UInt8] = [0x55, 0x04, 0x0A]

    private enum Tag {
        static let integer: UInt8 = 0x02
        static let objectIdentifier: UInt8 = 0x06
        static let utf8String: UInt8 = 0x0C
        static let printableString: UInt8 = 0x13
        static let ia5String: UInt8 = 0x16
        static let sequence: UInt8 = 0x30
        static let set: UInt8 = 0x31
        /// `[0]`, constructed: the version.
        static let version: UInt8 = 0xA0
    }

    init(der: [UInt8]) throws(Unreadable) {
        var file = DERReader(der[...])
        var certificate = DERReader(try file.next(Tag.sequence))
        guard file.isAtEnd else { throw Unreadable() }
        var fields = DERReader(try certificate.next(Tag.sequence))
        if fields.nextTag == Tag.version { _ = try fields.next(Tag.version) }
        _ = try fields.next(Tag.integer)
        // Signature algorithm, issuer, validity.
        for _ in 0..<3 { _ = try fields.next(Tag.sequence) }
        var subject = DERReader(try fields.next(Tag.sequence))
        while !subject.isAtEnd {
            var attributes = DERReader(try subject.next(Tag.set))
            while !attributes.isAtEnd {
                try note(attribute: try attributes.next(Tag.sequence))
            }
        }
    }

    private mutating func note(attribute: ArraySlice<UInt8>) throws(Unreadable) {
        var attribute = DERReader(attribute)
        let type = try attribute.next(Tag.objectIdentifier)
        guard let tag = attribute.nextTag else { throw Unreadable() }
        let octets = try attribute.next(tag)
        guard attribute.isAtEnd else { throw Unreadable() }
        if type.elementsEqual(Self.commonName) {
            commonNames.append(Self.text(octets, tag: tag))
        } else if type.elementsEqual(Self.organization) {
            organizations.append(Self.text(octets, tag: tag))
        }
    }

    private static func text(_ octets: ArraySlice<UInt8>, tag: UInt8) -> String? {
        switch tag {
        case Tag.utf8String: String(validating: octets, as: UTF8.self)
        case Tag.printableString, Tag.ia5String:
            octets.allSatisfy { $0 < 0x80 } ? String(validating: octets, as: UTF8.self) : nil
        default: nil
        }
    }
}

/// Steps through the elements of DER (X.690 section 10).
private struct DERReader {
    private var octets: ArraySlice<UInt8>

    init(_ octets: ArraySlice<UInt8>) {
        self.octets = octets
    }

    var isAtEnd: Bool { octets.isEmpty }
    var nextTag: UInt8? { octets.first }

    /// The contents of the next element, which must have that tag.
    mutating func next(
        _ tag: UInt8
    ) throws(WebexClientCertificate.Unreadable) -> ArraySlice<UInt8> {
        // Tags of several octets do not occur.
        guard octets.popFirst() == tag, tag & 0x1F != 0x1F, let first = octets.popFirst() else {
            throw WebexClientCertificate.Unreadable()
        }
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7F)
            guard (1...3).contains(count), octets.count >= count, octets.first != 0 else {
                throw WebexClientCertificate.Unreadable()
            }
            length = octets.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            octets.removeFirst(count)
            guard length >= 0x80 else { throw WebexClientCertificate.Unreadable() }
        }
        guard octets.count >= length else { throw WebexClientCertificate.Unreadable() }
        let contents = octets.prefix(length)
        octets.removeFirst(length)
        return contents
    }
}
