// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Testing

@testable import Operations

@Suite struct LogQueueTests {
    @Test func linesAreWrittenInOrder() throws {
        let pipe = Pipe()
        let queue = LogQueue(to: pipe.fileHandleForWriting)
        for number in 0..<100 { queue.write("line \(number)\n") }
        #expect(queue.flush(within: 10))
        let text = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
        #expect(text == (0..<100).map { "line \($0)\n" }.joined())
        #expect(queue.droppedLineCount == 0)
    }

    /// A pipe holds 64 KB: its reader that never reads stops the writer, and nobody else.
    @Test func aReaderThatStopsCostsLinesAndNoTime() throws {
        let pipe = Pipe()
        let queue = LogQueue(to: pipe.fileHandleForWriting)
        let line = String(repeating: "x", count: 999) + "\n"
        let count = 4 * LogQueue.capacity / 1000
        let start = ContinuousClock.now
        for _ in 0..<count { queue.write(line) }
        // Blocked for good otherwise; the bound is only there for slow machines.
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(!queue.flush(within: 0.2))
        let dropped = queue.droppedLineCount
        #expect(dropped > count / 2)

        // The reader comes back: all that was kept arrives, and every line that was not is told of,
        // at once or in parts: the writer may have begun before the last of them.
        var part = Data()
        var kept = 0
        var told = 0
        while kept + told < count {
            part += pipe.fileHandleForReading.availableData
            let lines = part.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            for line in lines.dropLast() {
                guard line.starts(with: "log: ".utf8) else {
                    kept += 1
                    continue
                }
                let report = String(decoding: line, as: UTF8.self)
                told += Int(report.split(separator: " ")[1]) ?? 0
                #expect(report.hasSuffix(" lines dropped, nobody read them in time"))
            }
            part = Data(lines.last ?? Data())
        }
        #expect(told == dropped && kept == count - dropped)
        queue.write("after\n")
        #expect(queue.flush(within: 10))
        let rest = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
        #expect(rest == "after\n")
    }

    @Test func aReaderThatIsGoneHoldsUpNobody() throws {
        let pipe = Pipe()
        let queue = LogQueue(to: pipe.fileHandleForWriting)
        try pipe.fileHandleForReading.close()
        queue.write("lost\n")
        #expect(queue.flush(within: 10))
    }
}
