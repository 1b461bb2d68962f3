// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import WebSocketTransport

@Suite struct WebSocketFrameTests {
    @Test(arguments: [0, 1, 3, 4, 31, 32, 125, 126, 127, 65_535, 65_536, 70_001])
    func aMaskedFrameIsReadBackByTheLibrary(_ count: Int) throws {
        let payload = ByteBuffer(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        var output = ByteBuffer()
        output.writeWebSocketFrame(.binary, payload, mask: 0xA1B2_C3D4)
        output.writeWebSocketFrame(.text, "next", mask: nil)

        let channel = EmbeddedChannel(
            handler: ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: 1 << 20)))
        try channel.writeInbound(output)
        let first = try #require(try channel.readInbound(as: WebSocketFrame.self))
        #expect(first.opcode == .binary)
        #expect(first.fin)
        #expect(first.unmaskedData == payload)
        let second = try #require(try channel.readInbound(as: WebSocketFrame.self))
        #expect(second.opcode == .text)
        #expect(second.maskKey == nil)
        #expect(String(buffer: second.data) == "next")
        _ = try channel.finish()
    }

    @Test func maskingFollowsTheDefinitionAtEveryLength() {
        let key: [UInt8] = [0x01, 0x80, 0x7E, 0xFF]
        for count in 0...100 {
            let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            var masked = ByteBuffer()
            masked.writeMasked(ByteBuffer(bytes: plain), key: 0x0180_7EFF)
            let expected = plain.enumerated().map { $1 ^ key[$0 % 4] }
            #expect(Array(buffer: masked) == expected)
        }
    }
}
