// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A word, a string literal or a punctuation mark of a manifest; comments and spaces are dropped.
enum ManifestToken: Equatable {
    case word(String)
    case text(String)
    case mark(Character)

    /// How much deeper in brackets the text is after this token.
    var nesting: Int {
        switch self {
        case .mark("("), .mark("["), .mark("{"): 1
        case .mark(")"), .mark("]"), .mark("}"): -1
        default: 0
        }
    }

    static func read(_ source: String) -> [ManifestToken] {
        var tokens: [ManifestToken] = []
        var rest = source[...]
        while let first = rest.first {
            if rest.hasPrefix("//") {
                rest = rest.drop { !$0.isNewline }
            } else if first == "\"" {
                let text = rest.dropFirst().prefix { $0 != "\"" && !$0.isNewline }
                tokens.append(.text(String(text)))
                rest = rest.dropFirst(text.count + 2)
            } else if first.isLetter || first == "_" {
                let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                tokens.append(.word(String(word)))
                rest = rest.dropFirst(word.count)
            } else {
                if !first.isWhitespace { tokens.append(.mark(first)) }
                rest = rest.dropFirst()
            }
        }
        return tokens
    }
}
