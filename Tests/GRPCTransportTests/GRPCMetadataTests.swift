// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import GRPCTransport

@Suite struct GRPCMetadataTests {
    @Test func firstValueOfAName() {
        var metadata: GRPCMetadata = ["x-a": "1"]
        metadata.add("x-a", "2")
        #expect(metadata["x-a"] == "1")
        #expect(metadata["x-b"] == nil)
        #expect(metadata.pairs.count == 2)
    }

    @Test func pseudoFieldsAreNoMetadata() {
        let metadata = GRPCMetadata([HTTP2Field(":path", "/a/b"), HTTP2Field("te", "trailers")])
        #expect(metadata.pairs.map(\.name) == ["te"])
    }

    /// RFC 4648, section 10, without the padding that gRPC leaves out.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"),
        ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
    ])
    func octets(text: String, encoded: String) {
        var metadata = GRPCMetadata()
        metadata.add("x-bin", binary: Array(text.utf8))
        #expect(metadata["x-bin"] == encoded)
        #expect(metadata.binary("x-bin") == Array(text.utf8))
        let padding = String(repeating: "=", count: (4 - encoded.utf8.count % 4) % 4)
        let padded = GRPCMetadata([HTTP2Field("x-bin", encoded + padding)])
        #expect(padded.binary("x-bin") == Array(text.utf8))
    }

    @Test func joinedValuesGiveTheFirst() {
        #expect(GRPCMetadata([HTTP2Field("x-bin", "Zm8,Zg")]).binary("x-bin") == Array("fo".utf8))
    }

    @Test(arguments: ["Z", "Zm9vY", "Zg!=", "====", "Zm8 "])
    func whatIsNoBase64(text: String) {
        #expect(GRPCMetadata([HTTP2Field("x-bin", text)]).binary("x-bin") == nil)
    }
}
