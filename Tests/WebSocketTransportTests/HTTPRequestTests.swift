// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1
import Testing
import WebSocketTransport

@Suite struct HTTPRequestTests {
    @Test(arguments: [
        ("/bot?id=7", "/bot", "id", "7"),
        ("/bot?a=1&name=J%C3%B6rg+M", "/bot", "name", "Jörg M"),
        ("/?flag&x=y", "/", "flag", ""),
        ("/?a=b=c", "/", "a", "b=c"),
        ("/?a=1&a=2", "/", "a", "1"),
        ("/?a=%zz", "/", "a", nil),
        ("/?a=%f", "/", "a", nil),
        ("/?a=%FF", "/", "a", nil),
        ("/bot", "/bot", "id", nil),
    ])
    func queryValuesAreDecoded(target: String, path: String, name: String, value: String?) {
        let request = HTTPRequest(target: target)
        #expect(request.path == path)
        #expect(request.queryValue(name) == value)
    }

    @Test func aHeaderThatAppearsTwiceIsNotSole() {
        let request = HTTPRequest(
            target: "/", headers: ["X-Once": "1", "X-Twice": "1", "x-twice": "2"])
        #expect(request.soleHeader("x-once") == "1")
        #expect(request.soleHeader("X-Twice") == nil)
        #expect(request.soleHeader("X-None") == nil)
    }
}
