// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import GenesysAudioHook

@Suite struct StructuredFieldTests {
    @Test func readsInnerListsItemsAndParametersInOrder() throws {
        let field = try #require(
            StructuredDictionary(
                #"a=("x" "y";p);k=1;d=-2.50;s="q\"\\";t=tok;b=:AQID:;f=?0;g ,b=7;z, c"#))
        #expect(field.members.map(\.label) == ["a", "b", "c"])
        guard case .innerList(let items, let parameters) = field["a"] else {
            Issue.record("no inner list")
            return
        }
        #expect(items.map(\.value) == [.string("x"), .string("y")])
        #expect(items[1].parameters["p"] == .boolean(true))
        #expect(parameters.names == ["k", "d", "s", "t", "b", "f", "g"])
        #expect(parameters["b"] == .bytes([1, 2, 3]))
        #expect(parameters.canonical == #";k=1;d=-2.5;s="q\"\\";t=tok;b=:AQID:;f=?0;g"#)
        guard case .item(let item) = field["c"] else {
            Issue.record("no item")
            return
        }
        #expect(item.value == .boolean(true))
    }

    @Test(arguments: [
        "a=", "=1", "A=1", "a=(", "a=(1", "a=(1)x", "a=1 b=2", "a=1,", "a=1,,b=1", "a=\"x",
        "a=\"\\x\"",
        "a=\"\u{7F}\"", "a=:AA", "a=:*:", "a=?2", "a=-", "a=1.", "a=1.2345", "a=1234567890123456",
        "a=1234567890123.1", "a=1;", "a=1;B", "a=1;b=", "a=1;b;b", "a=1,a=2", "a=@", "1a=1",
        "a=\"ä\"",
    ])
    func refusesEverythingElse(text: String) {
        #expect(StructuredDictionary(text) == nil)
    }

    @Test func anEmptyFieldIsAnEmptyDictionary() {
        #expect(StructuredDictionary("")?.members.isEmpty == true)
        #expect(StructuredDictionary("   ")?.members.isEmpty == true)
    }
}
