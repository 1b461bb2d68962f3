// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A UUID as AudioHook protocol v2 allows it: versions 1 to 5, or the null UUID.
///
/// Equality ignores the case of the digits; ``text`` keeps the peer's spelling, which is what goes
/// back to it.
public struct GenesysIdentifier: Sendable, CustomStringConvertible {
    /// The identifier as the peer wrote it.
    public let text: String
    private let canonical: String

    /// The null UUID, which a connection probe carries.
    public static let null = GenesysIdentifier(unchecked: "00000000-0000-0000-0000-000000000000")

    /// Nil when `text` is not a UUID of the allowed versions.
    public init?(_ text: String) {
        guard Self.isWellFormed(text) else { return nil }
        self.init(unchecked: text)
    }

    private init(unchecked text: String) {
        self.text = text
        canonical = text.lowercased()
    }

    public var description: String { text }

    private static func isWellFormed(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        for (index, byte) in bytes.enumerated() {
            switch (index, byte) {
            case (8, _), (13, _), (18, _), (23, _):
                guard byte == UInt8(ascii: "-") else { return false }
            case (_, UInt8(ascii: "0")...UInt8(ascii: "9")),
                (_, UInt8(ascii: "a")...UInt8(ascii: "f")),
                (_, UInt8(ascii: "A")...UInt8(ascii: "F")):
                continue
            default:
                return false
            }
        }
        if bytes.allSatisfy({ $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "-") }) { return true }
        let hasVersion = (UInt8(ascii: "1")...UInt8(ascii: "5")).contains(bytes[14])
        let hasVariant = [UInt8]("89abAB".utf8).contains(bytes[19])
        return hasVersion && hasVariant
    }
}

extension GenesysIdentifier: Hashable {
    public static func == (left: GenesysIdentifier, right: GenesysIdentifier) -> Bool {
        left.canonical == right.canonical
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(canonical)
    }
}
