// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Logging

/// Lines on their way to a file that may be a pipe whose reader has stopped: a bounded queue and a
/// thread that writes it.
///
/// Usable from any thread. Appending takes a lock for as long as a line takes to queue, never for as
/// long as one takes to write.
final class LogQueue: TextOutputStream, @unchecked Sendable {
    // Unchecked: everything mutable below is touched under `condition` only; the file is the
    // writer's alone.

    /// Text waiting at most, in bytes: at 200 bytes a line some thirty messages of 150 calls.
    static let capacity = 1024 * 1024
    /// A failed write is tried again after this, in seconds.
    private static let patience = 0.2

    private let file: FileHandle
    private let condition = NSCondition()
    private var lines: [String] = []
    private var byteCount = 0
    /// Lines dropped since the start, and how many of them the log was told of.
    private var dropped = 0
    private var reported = 0
    private var isWriting = false
    private var isStarted = false

    /// A reader that is gone is an error of the write, not the end of the process.
    private static let ignoresBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    /// - Parameter file: written by the queue's thread only, which begins with the first line.
    init(to file: FileHandle) {
        self.file = file
        Self.ignoresBrokenPipes
    }

    var droppedLineCount: Int { condition.withLock { dropped } }

    func write(_ line: String) {
        condition.lock()
        defer { condition.unlock() }
        guard byteCount + line.utf8.count <= Self.capacity else {
            dropped += 1
            return
        }
        lines.append(line)
        byteCount += line.utf8.count
        if !isStarted { start() }
        condition.broadcast()
    }

    /// Waits until all is written.
    /// - Returns: false when that took longer than `seconds`.
    @discardableResult
    func flush(within seconds: Double) -> Bool {
        let deadline = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while !lines.isEmpty || isWriting {
            guard condition.wait(until: deadline) else { return false }
        }
        return true
    }

    private func start() {
        isStarted = true
        let thread = Thread { [self] in run() }
        thread.name = "log"
        thread.start()
    }

    private func run() -> Never {
        while true {
            let text = next()
            write(Data(text.utf8))
            condition.withLock {
                isWriting = false
                condition.broadcast()
            }
        }
    }

    /// All that waits, as one text, with what was dropped before it could wait.
    private func next() -> String {
        condition.lock()
        defer { condition.unlock() }
        while lines.isEmpty, dropped == reported { condition.wait() }
        var text = lines.joined()
        if dropped > reported {
            text += "log: \(dropped - reported) lines dropped, nobody read them in time\n"
            reported = dropped
        }
        lines.removeAll(keepingCapacity: true)
        byteCount = 0
        isWriting = true
        return text
    }

    private func write(_ data: Data) {
        do {
            try file.write(contentsOf: data)
        } catch {
            // A reader that is gone, or a file that is full: what could not be written is lost, and
            // the next lines find out whether that has changed.
            Thread.sleep(forTimeInterval: Self.patience)
        }
    }
}
