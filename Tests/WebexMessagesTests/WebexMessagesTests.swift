// Sidetone
// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
import Testing
import WebexMessages

/// Octets by hand from the sheet's numbers: generated code that came from a wrong number differs.
@Suite struct WebexMessagesTests {
    @Test func audioRequest() throws {
        let octets: [UInt8] =
            [0x0A, 3] + Array("c-7".utf8) + [0x12, 3] + Array("o-1".utf8)
            + [0x1A, 1] + Array("b".utf8) + [
                0x32, 11, 0x0A, 4, 1, 2, 3, 4, 0x10, 2, 0x18, 0xC0, 0x3E,
            ]
        let request = try WebexVoiceVARequest(serializedBytes: octets)
        #expect(request.conversationID == "c-7")
        #expect(request.customerOrgID == "o-1")
        #expect(request.virtualAgentID == "b")
        #expect(request.audioInput.callerAudio.elementsEqual([1, 2, 3, 4]))
        #expect(request.audioInput.encoding == .mulawFormat)
        #expect(request.audioInput.sampleRateHertz == 8000)
    }
}
