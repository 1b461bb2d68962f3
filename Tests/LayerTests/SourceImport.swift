// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// The modules that a Swift source imports.
enum SourceImport {
    /// Reads `import X`, `public import struct X.Y`, `@testable import X` and their like. Lines in
    /// string literals of several lines are not told apart; no source of ours has such a line.
    static func modules(in source: String) -> [String] {
        source.split(whereSeparator: \.isNewline).compactMap { line in
            var words = line.split(whereSeparator: \.isWhitespace)[...]
            while let word = words.first, word != "import" {
                guard word.hasPrefix("@") || accessLevels.contains(String(word)) else { return nil }
                words = words.dropFirst()
            }
            words = words.dropFirst()
            if words.count > 1, kinds.contains(String(words[words.startIndex])) {
                words = words.dropFirst()
            }
            let module = words.first?.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            return module.flatMap { $0.isEmpty ? nil : String($0) }
        }
    }

    private static let accessLevels: Set = [
        "public", "package", "internal", "fileprivate", "private",
    ]
    private static let kinds: Set = [
        "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
    ]
}
