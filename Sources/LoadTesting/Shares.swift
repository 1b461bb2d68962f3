// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// How a number of calls is divided, as `webex=40,cxone=40,genesys=20` says.
public struct Shares<Key>: Hashable, Sendable
where
    Key: RawRepresentable & CaseIterable & Hashable & Sendable, Key.RawValue == String
{
    public struct Entry: Hashable, Sendable {
        public var key: Key
        public var weight: Int

        public init(_ key: Key, _ weight: Int) {
            self.key = key
            self.weight = weight
        }
    }

    /// In the order they were written, weights above zero.
    public let entries: [Entry]

    public init(_ entries: [Entry]) {
        self.entries = entries.filter { $0.weight > 0 }
    }

    /// Reads `NAME=NUMBER,NAME=NUMBER`; a name alone counts one.
    ///
    /// - Throws: ``LoadProblem`` that names what exists.
    public init(parsing text: String, of what: String) throws(LoadProblem) {
        var entries: [Entry] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = pieces[0].trimmed
            guard let key = Key(rawValue: name) else {
                let known = Key.allCases.map(\.rawValue).joined(separator: ", ")
                throw LoadProblem("'\(name)' is no \(what): there are \(known)")
            }
            guard !entries.contains(where: { $0.key == key }) else {
                throw LoadProblem("'\(name)' is given twice")
            }
            let number = pieces.count == 2 ? pieces[1].trimmed : "1"
            guard let weight = Int(number), (0...1_000_000).contains(weight) else {
                throw LoadProblem("'\(number)' of '\(name)' is no whole number from 0 to 1000000")
            }
            entries.append(Entry(key, weight))
        }
        self.init(entries)
        guard total > 0 else { throw LoadProblem("'\(text)' leaves no \(what)") }
    }

    public var total: Int { entries.reduce(0) { $0 + $1.weight } }

    /// Divides `count` by the weights, by largest remainder: the parts add up to `count`.
    public func parts(of count: Int) -> [Entry] {
        let total = max(1, total)
        var parts = entries.map { Entry($0.key, $0.weight * count / total) }
        var rest = count - parts.reduce(0) { $0 + $1.weight }
        let byRemainder = entries.indices.sorted {
            let left = entries[$0].weight * count % total
            let right = entries[$1].weight * count % total
            return left == right ? $0 < $1 : left > right
        }
        for index in byRemainder where rest > 0 {
            parts[index].weight += 1
            rest -= 1
        }
        return parts
    }
}

/// Something that was asked for and cannot be done, as one line for a person.
public struct LoadProblem: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

extension Substring {
    var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
