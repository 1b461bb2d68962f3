// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Reads the productions of RFC 8941 section 4.2 from one field value, left to right. Every scan
/// returns nil at a syntax error; the position is meaningless afterwards.
struct StructuredFieldScanner {
    private let bytes: [UInt8]
    private var index = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { index == bytes.count }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func skipSpaces() {
        while next == UInt8(ascii: " ") { index += 1 }
    }

    /// Spaces and tabs, which may surround a comma.
    mutating func skipWhiteSpace() {
        while next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") { index += 1 }
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    mutating func scanKey() -> String? {
        guard let first = next, first.isLowercaseLetter || first == UInt8(ascii: "*") else {
            return nil
        }
        return scan { byte in
            byte.isLowercaseLetter || byte.isDigit || [UInt8]("_-.*".utf8).contains(byte)
        }
    }

    mutating func scanMemberValue() -> StructuredDictionary.Value? {
        guard skip("=") else {
            // A label alone is the boolean true with parameters.
            return scanParameters().map {
                .item(StructuredDictionary.Item(value: .boolean(true), parameters: $0))
            }
        }
        guard skip("(") else { return scanItem().map { .item($0) } }
        var items: [StructuredDictionary.Item] = []
        while true {
            skipSpaces()
            if skip(")") {
                return scanParameters().map { .innerList(items, $0) }
            }
            guard let item = scanItem() else { return nil }
            guard next == UInt8(ascii: " ") || next == UInt8(ascii: ")") else { return nil }
            items.append(item)
        }
    }

    private mutating func scanItem() -> StructuredDictionary.Item? {
        guard let value = scanBareItem(), let parameters = scanParameters() else { return nil }
        return StructuredDictionary.Item(value: value, parameters: parameters)
    }

    private mutating func scanParameters() -> StructuredDictionary.Parameters? {
        var parameters = StructuredDictionary.Parameters()
        while skip(";") {
            skipSpaces()
            guard let name = scanKey(), !parameters.names.contains(name) else { return nil }
            var value = StructuredDictionary.BareItem.boolean(true)
            if skip("=") {
                guard let scanned = scanBareItem() else { return nil }
                value = scanned
            }
            parameters.names.append(name)
            parameters.values.append(value)
        }
        return parameters
    }

    private mutating func scanBareItem() -> StructuredDictionary.BareItem? {
        guard let first = next else { return nil }
        switch first {
        case UInt8(ascii: "\""): return scanString().map { .string($0) }
        case UInt8(ascii: ":"): return scanBytes().map { .bytes($0) }
        case UInt8(ascii: "?"): return scanBoolean()
        case UInt8(ascii: "-"): return scanNumber()
        case _ where first.isDigit: return scanNumber()
        case _ where first.isLetter || first == UInt8(ascii: "*"):
            return .token(
                scan { byte in
                    byte.isLetter || byte.isDigit
                        || [UInt8]("!#$%&'*+-.^_`|~:/".utf8).contains(byte)
                })
        default: return nil
        }
    }

    private mutating func scanString() -> String? {
        index += 1
        var text: [UInt8] = []
        while let byte = next {
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = next,
                    escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\")
                else { return nil }
                text.append(escaped)
                index += 1
            case 0x20..<0x7F:
                text.append(byte)
            default:
                return nil
            }
        }
        return nil
    }

    private mutating func scanBytes() -> [UInt8]? {
        index += 1
        let text = scan { $0 != UInt8(ascii: ":") }
        guard skip(":") else { return nil }
        return Data(base64Encoded: text).map { Array($0) }
    }

    private mutating func scanBoolean() -> StructuredDictionary.BareItem? {
        index += 1
        if skip("1") { return .boolean(true) }
        return skip("0") ? .boolean(false) : nil
    }

    private mutating func scanNumber() -> StructuredDictionary.BareItem? {
        let sign = skip("-") ? "-" : ""
        let whole = scan(while: \.isDigit)
        guard !whole.isEmpty, whole.count <= 15 else { return nil }
        guard skip(".") else { return Int64(sign + whole).map { .integer($0) } }
        var fraction = scan(while: \.isDigit)
        guard (1...3).contains(fraction.count), whole.count <= 12, let number = Int64(whole) else {
            return nil
        }
        while fraction.count > 1, fraction.last == "0" { fraction.removeLast() }
        return .decimal("\(sign)\(number).\(fraction)")
    }

    private mutating func scan(while belongs: (UInt8) -> Bool) -> String {
        let start = index
        while let byte = next, belongs(byte) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    fileprivate var isLowercaseLetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self)
    }
    fileprivate var isLetter: Bool {
        isLowercaseLetter || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
    }
}
