// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Why a text is not JSON, and where. It quotes nothing of the text, which may hold a secret.
public struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: String, Hashable, Sendable {
        case endOfText = "the text ends inside a value"
        case unexpectedCharacter = "unexpected character"
        case invalidEscape = "invalid escape sequence"
        case controlCharacter = "unescaped control character in a string"
        case invalidNumber = "not a JSON number"
        case numberOutOfRange = "number too large"
        case tooDeep = "arrays and objects are nested too deeply"
        case textAfterValue = "text after the value"
    }

    public let reason: Reason
    /// Offset of the offending byte in the UTF-8 text.
    public let offset: Int

    public var description: String { "\(reason.rawValue) at byte \(offset)" }
}
