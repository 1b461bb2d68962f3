// Sidetone
// SPDX-License-Identifier: Apache-2.0

import StrictYAML
import Testing

@Suite struct YAMLValueTests {
    static let keys = ["host", "port", "tls", "names", "nested"]

    func mapping(_ text: String) throws -> YAMLMapping {
        try YAMLValue(parsing: text, file: "f.yaml").mapping(of: Self.keys)
    }

    /// Reads `text` with every kind of read and returns the first problem as its sentence.
    func problem(_ text: String) -> String? {
        do {
            let mapping = try mapping(text)
            _ = try mapping["host"]?.text()
            _ = try mapping["port"]?.integer(in: 1...65535)
            _ = try mapping["tls"]?.boolean()
            for name in try mapping["names"]?.list() ?? [] {
                _ = try name.name(among: ["red", "blue"])
            }
            _ = try mapping["nested"]?.mapping(of: ["inner"]).required("inner").text()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func readsEachKind() throws {
        let mapping = try mapping(
            """
            # A comment.
            host: "127.0.0.1"
            port: 8080
            tls: true
            names: [red, blue]
            nested: {inner: x}
            """)
        #expect(try mapping["host"]?.text() == "127.0.0.1")
        #expect(try mapping["port"]?.integer(in: 1...65535) == 8080)
        #expect(try mapping["tls"]?.boolean() == true)
        #expect(try mapping["names"]?.list().map { try $0.text() } == ["red", "blue"])
        #expect(try mapping["nested"]?.mapping(of: ["inner"]).required("inner").text() == "x")
        #expect(mapping["nested"]?.line == 6)
        #expect(mapping["missing"] == nil)
    }

    @Test(arguments: [
        ("host: a\nprot: 1", "f.yaml:2: prot: unknown key; did you mean 'port'?"),
        (
            "zzzzzzzz: 1",
            "f.yaml:1: zzzzzzzz: unknown key; known are host, port, tls, names, nested"
        ),
        (
            "nested:\n  # why\n  iner: x",
            "f.yaml:3: nested.iner: unknown key; did you mean 'inner'?"
        ),
        ("nested: {}", "f.yaml:1: nested: the key 'inner' is missing"),
        ("port: many", "f.yaml:1: port: expected a whole number, found 'many'"),
        ("port: 1.5", "f.yaml:1: port: expected a whole number, found '1.5'"),
        ("port: 0", "f.yaml:1: port: 0 is not within 1 to 65535"),
        ("port: [1]", "f.yaml:1: port: expected a whole number, found a list"),
        ("\nport:", "f.yaml:2: port: has no value, expected a whole number"),
        ("tls: yes", "f.yaml:1: tls: expected true or false, found 'yes'"),
        ("tls: {}", "f.yaml:1: tls: expected true or false, found a mapping of keys"),
        ("host: [a]", "f.yaml:1: host: expected a text, found a list"),
        ("host:", "f.yaml:1: host: has no value"),
        ("host: ~", "f.yaml:1: host: has no value"),
        ("names: red", "f.yaml:1: names: expected a list, found 'red'"),
        ("names:\n  - red\n  - gren", "f.yaml:3: names[1]: 'gren' is none of red, blue"),
        ("port: 1\nhost: a\nport: 2", "f.yaml:1: 'port' is given more than once"),
        ("- a", "f.yaml:1: expected a mapping of keys, found a list"),
        ("just text", "f.yaml:1: expected a mapping of keys, found 'just text'"),
        ("", "f.yaml: the file is empty"),
        ("[a, b]: 1", "f.yaml:1: a key must be a text"),
    ])
    func saysWhatIsWrongAndWhere(text: String, sentence: String) {
        #expect(problem(text) == sentence)
    }

    @Test(arguments: ["host: [", "host: \"a", "\thost: a", "a: b: c", "host: a\n---\nhost: b", "%"])
    func refusesWhatIsNotOneDocumentOfYAML(text: String) throws {
        let sentence = try #require(problem(text))
        #expect(sentence.hasPrefix("f.yaml:"))
        #expect(sentence.contains("not YAML"))
    }

    @Test func anAliasReadsAsACopy() throws {
        let mapping = try mapping("host: &name a\nnames: [*name]")
        #expect(try mapping["names"]?.list().map { try $0.text() } == ["a"])
    }

    @Test func exactlyOneOfSeveralKeysMustBeThere() throws {
        func read(_ text: String) throws -> String {
            let mapping = try YAMLValue(parsing: text, file: "f.yaml").mapping(
                of: ["at", "say", "end"])
            return try mapping.exactlyOne(of: ["say", "end"]).key
        }
        #expect(try read("at: 0\nsay: 1") == "say")
        #expect(try read("at: 0\nend: 1") == "end")
        #expect(throws: problem("needs exactly one of say, end, has none")) { try read("at: 0") }
        #expect(throws: problem("needs exactly one of say, end, has end, say")) {
            try read("end: 1\nsay: 1")
        }
        func problem(_ message: String) -> YAMLProblem {
            YAMLProblem(file: "f.yaml", line: 1, message: message)
        }
    }

    @Test(arguments: [
        ("prot", "port"), ("hosst", "host"), ("nmes", "names"), ("TLS", nil), ("elephant", nil),
        ("", nil),
    ])
    func nearestNameGuessesSlipsOnly(name: String, guess: String?) {
        #expect(nearestName(to: name, among: Self.keys) == guess)
    }
}
