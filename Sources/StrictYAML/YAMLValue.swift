// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A value of a YAML file that remembers its place, read strictly.
///
/// Every read says what it expects and throws a ``YAMLProblem`` with file, line and path when it
/// finds something else: keys nobody asked for, a number out of range, a value of another kind. Values
/// own their content; reading costs a copy of references. For start-up, not for the media path.
public struct YAMLValue: Hashable, Sendable {
    /// What stands in the file.
    public enum Content: Hashable, Sendable {
        /// A text, number or boolean: YAML's kinds of scalars are told apart by who reads them.
        case scalar(String)
        case list([YAMLValue])
        /// Keys in the order of the file; no key stands twice.
        case mapping([Entry])
    }

    /// One key of a mapping.
    public struct Entry: Hashable, Sendable {
        public var key: String
        /// Line of the key, from 1.
        public var line: Int
        public var value: YAMLValue
    }

    public let file: String
    /// Line on which the value begins, from 1; `nil` for a value that stands in no file.
    public let line: Int?
    /// Path of keys and indices from the top of the file.
    public let path: String
    public let content: Content

    /// A value that stands in no file, such as an environment variable, to be read as strictly.
    ///
    /// - Parameters:
    ///   - text: The value.
    ///   - origin: What to call the place it comes from, in messages.
    public init(text: String, origin: String) {
        file = origin
        line = nil
        path = ""
        content = .scalar(text)
    }

    /// The problem `message` at this value, to be thrown by a reader with a rule of its own.
    public func problem(_ message: String) -> YAMLProblem {
        YAMLProblem(file: file, line: line, path: path, message: message)
    }

    /// The text of a scalar.
    public func text() throws(YAMLProblem) -> String {
        guard case .scalar(let text) = content else { throw expected("a text") }
        if text.isEmpty { throw problem("has no value") }
        return text
    }

    /// A text that is one of `names`.
    public func name(among names: [String]) throws(YAMLProblem) -> String {
        let text = try text()
        guard names.contains(text) else {
            throw problem("'\(text)' is none of \(names.joined(separator: ", "))")
        }
        return text
    }

    /// A whole number within `range`.
    public func integer(in range: ClosedRange<Int>) throws(YAMLProblem) -> Int {
        guard case .scalar(let text) = content, let number = Int(text) else {
            throw expected("a whole number")
        }
        guard range.contains(number) else {
            throw problem("\(number) is not within \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// `true` or `false`, and no other of YAML's ways to say so.
    public func boolean() throws(YAMLProblem) -> Bool {
        switch content {
        case .scalar("true"): return true
        case .scalar("false"): return false
        default: throw expected("true or false")
        }
    }

    /// The values of a list.
    public func list() throws(YAMLProblem) -> [YAMLValue] {
        guard case .list(let values) = content else { throw expected("a list") }
        return values
    }

    /// The entries of a mapping whose keys are free.
    public func entries() throws(YAMLProblem) -> [Entry] {
        guard case .mapping(let entries) = content else { throw expected("a mapping of keys") }
        return entries
    }

    /// A mapping that may have the keys `keys` and no others.
    public func mapping(of keys: [String]) throws(YAMLProblem) -> YAMLMapping {
        let entries = try entries()
        for entry in entries where !keys.contains(entry.key) {
            let guess = nearestName(to: entry.key, among: keys).map { "; did you mean '\($0)'?" }
            throw YAMLProblem(
                file: file, line: entry.line, path: entry.value.path,
                message: "unknown key\(guess ?? "; known are \(keys.joined(separator: ", "))")")
        }
        return YAMLMapping(value: self, entries: entries)
    }

    private func expected(_ kind: String) -> YAMLProblem {
        switch content {
        case .scalar(""): problem("has no value, expected \(kind)")
        case .scalar(let text): problem("expected \(kind), found '\(text)'")
        case .list: problem("expected \(kind), found a list")
        case .mapping: problem("expected \(kind), found a mapping of keys")
        }
    }
}

/// A mapping whose keys have been checked against the known ones.
public struct YAMLMapping: Hashable, Sendable {
    /// The value that is the mapping, for problems with the whole of it.
    public let value: YAMLValue
    let entries: [YAMLValue.Entry]

    /// The value of `key`, or `nil` when the file does not have it.
    public subscript(_ key: String) -> YAMLValue? {
        entries.first { $0.key == key }?.value
    }

    /// The value of `key`, which must be there.
    public func required(_ key: String) throws(YAMLProblem) -> YAMLValue {
        guard let value = self[key] else { throw self.value.problem("the key '\(key)' is missing") }
        return value
    }

    /// The one key of `keys` that must be there, and its value.
    public func exactlyOne(of keys: [String]) throws(YAMLProblem) -> YAMLValue.Entry {
        let found = entries.filter { keys.contains($0.key) }
        guard found.count == 1 else {
            let names = keys.joined(separator: ", ")
            let given = found.map(\.key).joined(separator: ", ")
            throw value.problem(
                "needs exactly one of \(names), has \(found.isEmpty ? "none" : given)")
        }
        return found[0]
    }
}
