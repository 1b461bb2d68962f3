// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOEmbedded
import Testing

@testable import GRPCTransport

@Suite struct WritePacerTests {
    private final class Writer: PacedWriter {
        private(set) var writes = 0
        var onFlush: () -> Void = {}

        func flush() {
            writes += 1
            onFlush()
        }
    }

    private let loop = EmbeddedEventLoop()

    @Test func aQuietLoopWritesAtOnce() {
        let pacer = WritePacer(eventLoop: loop)
        let writer = Writer()
        #expect(pacer.mayWrite(writer))
        loop.advanceTime(by: WritePacer.interval)
        #expect(pacer.mayWrite(writer))
        #expect(writer.writes == 0)
    }

    @Test func aBusyLoopsWritersWaitForTheInterval() {
        let pacer = WritePacer(eventLoop: loop)
        let (first, second, third) = (Writer(), Writer(), Writer())
        #expect(pacer.mayWrite(first))
        loop.advanceTime(by: .microseconds(300))
        #expect(!pacer.mayWrite(second))
        loop.advanceTime(by: .microseconds(300))
        #expect(!pacer.mayWrite(third))
        loop.advanceTime(by: .microseconds(399))
        #expect([second.writes, third.writes] == [0, 0])
        loop.advanceTime(by: .microseconds(1))
        #expect([first.writes, second.writes, third.writes] == [0, 1, 1])
        #expect(!pacer.mayWrite(first))
        loop.advanceTime(by: WritePacer.interval)
        #expect([first.writes, second.writes, third.writes] == [1, 1, 1])
    }

    @Test func aWriterThatAsksWhileWritingWaitsForTheNext() {
        let pacer = WritePacer(eventLoop: loop)
        let writer = Writer()
        #expect(pacer.mayWrite(writer))
        #expect(!pacer.mayWrite(writer))
        writer.onFlush = { #expect(!pacer.mayWrite(writer)) }
        loop.advanceTime(by: WritePacer.interval)
        #expect(writer.writes == 1)
        writer.onFlush = {}
        loop.advanceTime(by: WritePacer.interval)
        #expect(writer.writes == 2)
    }
}
