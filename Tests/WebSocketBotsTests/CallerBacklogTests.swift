// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import WebSocketBots

@Suite struct CallerBacklogTests {
    @Test func theOldestAudioGoesAndMessagesStay() {
        var backlog = CallerBacklog(window: 320)
        for index in 0..<4 {
            backlog.append([UInt8(index)], position: Int64(index * 160), count: 160)
            backlog.append("\(index)")
        }
        #expect(backlog.sampleCount == 320 && backlog.droppedSamples == 320)
        var order: [String] = []
        while let entry = backlog.popFirst() {
            switch entry {
            case .text(let text): order.append(text)
            case .audio(_, let position, _): order.append("@\(position)")
            }
        }
        #expect(order == ["0", "1", "@320", "2", "@480", "3"])
        #expect(backlog.sampleCount == 0 && backlog.isEmpty)
    }

    @Test func messagesAreBoundedToo() {
        var backlog = CallerBacklog(window: 160)
        for index in 0..<300 { backlog.append("\(index)") }
        #expect(backlog.droppedTexts == 44)
        guard case .text(let oldest)? = backlog.popFirst() else {
            Issue.record("Nothing is left")
            return
        }
        #expect(oldest == "44")
    }
}
