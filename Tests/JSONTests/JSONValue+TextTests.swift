// Sidetone
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@Suite struct JSONValueTextTests {
    @Test func writesMembersInOrderWithoutWhiteSpace() {
        let value: JSONValue = [
            "z": 1, "a": [true, .null, -2.5, "é"], "empty": [:], "none": [], "small": 1e-7,
        ]
        #expect(
            value.text == #"{"z":1,"a":[true,null,-2.5,"é"],"empty":{},"none":[],"small":1e-07}"#)
    }

    @Test func escapesQuotesBackslashesAndControlCharacters() {
        let value: JSONValue = "a\"\\\n\r\t\u{0}\u{1F}\u{7F}"
        #expect(value.text == #""a\"\\\n\r\t\u0000\u001f"# + "\u{7F}\"")
    }

    @Test func writesNullForNumbersThatJSONCannotExpress() {
        #expect(JSONValue.array([.number(.nan), .number(.infinity)]).text == "[null,null]")
    }

    @Test func whatIsWrittenReadsBackEqual() throws {
        let value: JSONValue = [
            "text": "\u{1F600}\u{2028}\"\\/\u{8}", "numbers": [.integer(.min), 0.1, 1e300, -0.25],
            "nested": ["deep": ["deeper": [[], [:]]]],
        ]
        #expect(try JSONValue(parsing: value.text) == value)
    }
}
