// Sidetone
// SPDX-License-Identifier: Apache-2.0

import SyntheticCallers
import Testing

@Suite struct JSONValueTests {
    @Test(
        arguments: [
            ("null", .null), (" true ", true), ("-0", 0), ("1e2", 100), ("0.5", .number(0.5)),
            ("\"\"", ""), (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u00e9\ud83d\ude00""#, "é😀"), ("\"é\"", "é"), ("[ ]", []), ("[1, [2]]", [1, [2]]),
            ("{ }", [:]), (#"{"a":{"b":[true,null]}}"#, ["a": ["b": [true, .null]]]),
        ] as [(String, JSONValue)])
    func documentsAreRead(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONValue.parse(Array(text.utf8)) == value)
        #expect(try JSONValue.parse(Array(value.serialized.utf8)) == value)
    }

    @Test(arguments: [
        "", " ", "tru", "01", "1.", ".5", "+1", "-", "1e", "\"", "\"\\x\"", "\"\n\"", "[1,]", "[1",
        "{\"a\"}", "{\"a\":1,}", "{a:1}", "{\"a\":1,\"a\":2}", "1 2", "\"\\u12g4\"", "nan", "'a'",
        "[1 2]", "{\"a\" 1}",
    ])
    func whatIsNotJSONIsRefused(_ text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONValue.parse(Array(text.utf8)) }
    }

    @Test func invalidUTF8IsRefused() {
        #expect(throws: JSONSyntaxError.self) { try JSONValue.parse([0x22, 0xC3, 0x22]) }
    }

    @Test func depthIsLimited() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONSyntaxError.self) { try JSONValue.parse(Array(deep.utf8)) }
    }

    @Test func kindsOfNumbersAndBooleansStayApart() {
        #expect(JSONValue.bool(true).integer == nil)
        #expect(JSONValue.string("1").integer == nil)
        #expect(JSONValue.number(1.5).integer == nil)
        #expect(JSONValue.number(1e300).integer == nil)
        #expect(JSONValue.number(2).integer == 2)
        #expect(JSONValue.number(999_999_999_999).serialized == "999999999999")
    }
}
