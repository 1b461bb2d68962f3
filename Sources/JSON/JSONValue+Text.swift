// Sidetone
// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
    /// The value as one line of JSON without white space, members in their order.
    ///
    /// A number that JSON cannot express (infinity, not a number) is written as `null`.
    public var text: String {
        var text = ""
        write(to: &text)
        return text
    }

    /// Appends the value as JSON to `text`.
    public func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .integer(let whole): text += String(whole)
        case .number(let number): text += number.isFinite ? "\(number)" : "null"
        case .string(let string): Self.writeQuoted(string, to: &text)
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                element.write(to: &text)
            }
            text += "]"
        case .object(let object):
            text += "{"
            for (index, member) in object.members.enumerated() {
                if index > 0 { text += "," }
                Self.writeQuoted(member.name, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    /// Appends `string` in quotes, escaping what RFC 8259 section 7 demands and nothing else.
    private static func writeQuoted(_ string: String, to text: inout String) {
        let needsEscape = string.utf8.contains { byte in
            byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
        }
        text += "\""
        if needsEscape {
            for scalar in string.unicodeScalars { writeEscaped(scalar, to: &text) }
        } else {
            text += string
        }
        text += "\""
    }

    private static func writeEscaped(_ scalar: Unicode.Scalar, to text: inout String) {
        switch scalar {
        case "\"": text += "\\\""
        case "\\": text += "\\\\"
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        case "\u{0}"..<"\u{20}":
            let digits = String(scalar.value, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: text.unicodeScalars.append(scalar)
        }
    }
}
