// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
public import Logging

/// Where the server's log goes: to standard error, a line a message, for whatever runs the process to
/// keep. Standard output stays free for what a command has to say.
///
/// Logging never waits for the reader of standard error: lines are queued and a thread writes them.
/// When the queue is full further lines are dropped, counted, and reported when it moves again.
public enum StandardErrorLog {
    private static let queue = LogQueue(to: .standardError)

    /// Makes every logger of the process write to standard error from `level` on. Call it once,
    /// before the first logger is made; swift-log traps on a second call.
    public static func start(level: Logger.Level) {
        LoggingSystem.bootstrap { label in handler(label: label, level: level) }
    }

    /// The handler that ``start(level:)`` installs.
    public static func handler(label: String, level: Logger.Level) -> some LogHandler {
        var handler = StreamLogHandler(label: label, stream: queue)
        handler.logLevel = level
        return handler
    }

    /// Lines dropped because nobody read standard error.
    public static var droppedLineCount: Int { queue.droppedLineCount }

    /// Waits until all that was logged is written, two seconds at most: for the end of the process.
    public static func flush() {
        queue.flush(within: 2)
    }
}
