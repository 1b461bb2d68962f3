// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Operations
import Testing

/// The written reference and the example say what the table of keys says.
@Suite struct ConfigurationReferenceTests {
    static let docs = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs")
    static let example = docs.appending(path: "sidetone.example.yaml").path

    /// A line of the reference for one key.
    static func row(_ key: ConfigurationKey) -> String {
        let kind =
            switch key.kind {
            case .text: "text"
            case .name(let names): names.joined(separator: ", ")
            case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
            case .boolean: "true, false"
            case .requestPath: "request path"
            case .file: "file"
            case .secret: "secret"
            case .apiKeys: "list of `{key, secret}`"
            case .virtualAgents: "list of `{id, name, script}`"
            case .texts: "list of texts"
            case .headers: "list of `{name, value}`"
            }
        let flag = key.flag.map { " `\($0)`" } ?? ""
        let value = key.defaultText.map { "`\($0)`" } ?? "none"
        return "| `\(key.name)`\(flag) | \(kind) | \(value) | \(key.summary) |"
    }

    @Test func theReferenceIsTheTableOfKeys() throws {
        let text = try String(
            contentsOf: Self.docs.appending(path: "configuration.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        #expect(rows == ConfigurationKey.all.map(Self.row))
    }

    @Test func theExampleIsTheDefault() throws {
        let settings = try ConfigurationSettings(file: Self.example)
        #expect(try ServerConfiguration(settings) == .default)
    }

    @Test func theExampleShowsEveryKeyAndGivesThoseWithADefault() throws {
        let settings = try ConfigurationSettings(file: Self.example)
        var section = ""
        var shown: [String] = []
        for line in try String(contentsOfFile: Self.example, encoding: .utf8).split(separator: "\n")
        {
            if let top = line.wholeMatch(of: /([a-z_]+):/) {
                section = String(top.1)
            } else if let key = line.wholeMatch(of: /\ {2}(?:# )?([a-z_]+):(?: .+)?/) {
                let name = "\(section).\(key.1)"
                if !shown.contains(name) { shown.append(name) }
            }
        }
        #expect(shown == ConfigurationKey.all.map(\.name))
        for key in ConfigurationKey.all where key.defaultText != nil {
            #expect(settings.source(of: key) != .builtIn, "\(key.name) is missing")
        }
    }

    @Test func namesAndFlagsAreUnique() {
        let keys = ConfigurationKey.all
        #expect(Set(keys.map(\.name)).count == keys.count)
        #expect(Set(keys.map(\.environmentName)).count == keys.count)
        #expect(Set(keys.compactMap(\.flag)).count == keys.compactMap(\.flag).count)
    }
}
