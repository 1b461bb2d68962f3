// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import GRPCTransport

@Suite struct GzipMessageTests {
    /// "sidetone" three times, with spaces between, as gzip 1.12 writes it.
    static let said: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x2B, 0xCE, 0x4C, 0x49,
        0x2D, 0xC9, 0xCF, 0x4B, 0x55, 0x28, 0x46, 0x67, 0x00, 0x00, 0xF9, 0xD6, 0x66, 0xAE,
        0x1A, 0x00, 0x00, 0x00,
    ]

    @Test func inflates() throws {
        let text = try GzipMessage.inflate(Self.said.span, limit: 1000)
        #expect(String(buffer: text) == "sidetone sidetone sidetone")
    }

    @Test func stopsAtTheLimit() throws {
        _ = try GzipMessage.inflate(Self.said.span, limit: 26)
        #expect(throws: MessageFramingError.tooLong(26)) {
            _ = try GzipMessage.inflate(Self.said.span, limit: 25)
        }
    }

    @Test func everyTruncationAndWhatFollowsAreTold() {
        for count in 0..<Self.said.count {
            #expect(throws: MessageFramingError.notGzip) {
                _ = try GzipMessage.inflate(Array(Self.said.prefix(count)).span, limit: 1000)
            }
        }
        #expect(throws: MessageFramingError.notGzip) {
            _ = try GzipMessage.inflate((Self.said + [0]).span, limit: 1000)
        }
        #expect(throws: MessageFramingError.notGzip) {
            _ = try GzipMessage.inflate([UInt8](repeating: 7, count: 40).span, limit: 1000)
        }
    }
}
