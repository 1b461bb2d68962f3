// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// The part of structured header fields (RFC 8941) that HTTP message signatures use: a dictionary
/// whose values are inner lists or items, both with parameters.
struct StructuredDictionary {
    enum Value: Equatable {
        case innerList([Item], Parameters)
        case item(Item)
    }

    /// Labels and values in the order of the field.
    private(set) var members: [(label: String, value: Value)] = []

    subscript(label: String) -> Value? {
        members.first { $0.label == label }?.value
    }

    /// Nil when `text` is not a dictionary, or repeats a label: of two signatures with one label
    /// one would go unchecked.
    init?(_ text: String) {
        var scanner = StructuredFieldScanner(text)
        scanner.skipSpaces()
        while !scanner.isAtEnd {
            guard let label = scanner.scanKey(), self[label] == nil,
                let value = scanner.scanMemberValue()
            else { return nil }
            members.append((label, value))
            scanner.skipWhiteSpace()
            if scanner.isAtEnd { return }
            guard scanner.skip(",") else { return nil }
            scanner.skipWhiteSpace()
            // A comma must be followed by another member.
            if scanner.isAtEnd { return nil }
        }
    }
}

extension StructuredDictionary {
    struct Item: Equatable {
        var value: BareItem
        var parameters: Parameters
    }

    /// Parameters in their order. A repeated name makes the field malformed.
    struct Parameters: Equatable {
        var names: [String] = []
        var values: [BareItem] = []

        subscript(name: String) -> BareItem? {
            names.firstIndex(of: name).map { values[$0] }
        }

        /// The canonical text (RFC 8941 section 4.1.1.2), in the order received.
        var canonical: String {
            var text = ""
            for (name, value) in zip(names, values) {
                text += value == .boolean(true) ? ";\(name)" : ";\(name)=\(value.canonical)"
            }
            return text
        }
    }

    enum BareItem: Equatable {
        case integer(Int64)
        /// A decimal, already in its canonical text.
        case decimal(String)
        case string(String)
        case token(String)
        case bytes([UInt8])
        case boolean(Bool)

        /// The canonical text (RFC 8941 section 4.1.3.1).
        var canonical: String {
            switch self {
            case .integer(let whole): return String(whole)
            case .decimal(let text), .token(let text): return text
            case .string(let text):
                let escaped = text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
                return "\"" + String(escaped) + "\""
            case .bytes(let bytes): return ":" + Data(bytes).base64EncodedString() + ":"
            case .boolean(let flag): return flag ? "?1" : "?0"
            }
        }
    }
}
