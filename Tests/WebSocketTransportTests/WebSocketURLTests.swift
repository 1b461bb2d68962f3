// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing
import WebSocketTransport

@Suite struct WebSocketURLTests {
    @Test(arguments: [
        ("ws://example.org", false, "example.org", 80, "/"),
        ("WSS://example.org", true, "example.org", 443, "/"),
        ("ws://127.0.0.1:9001/a/b?c=d", false, "127.0.0.1", 9001, "/a/b?c=d"),
        ("wss://host:8443?token=x", true, "host", 8443, "/?token=x"),
        ("ws://[::1]:80/x", false, "::1", 80, "/x"),
        ("ws://[fe80::1]", false, "fe80::1", 80, "/"),
    ])
    func partsAreTakenFromTheText(
        text: String, isSecure: Bool, host: String, port: Int, target: String
    ) throws {
        let url = try WebSocketURL(text)
        #expect(url.isSecure == isSecure)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.target == target)
        #expect(try WebSocketURL(url.description) == url)
    }

    @Test(arguments: [
        "", "example.org", "http://example.org", "ws:/example.org", "ws://", "ws://:80",
        "ws://host:0", "ws://host:65536", "ws://host:", "ws://host:x", "ws://user@host",
        "ws://host/#part", "ws://host/a b", "ws://host/\r\nX: y", "ws://[::1", "ws://::1",
        "ws://[::1]x", "ws://höst",
    ])
    func aTextThatIsNoURLIsRefused(_ text: String) {
        #expect(throws: WebSocketClientError.self) { try WebSocketURL(text) }
    }
}
