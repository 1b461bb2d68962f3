// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import Logging

/// Where the server's log goes: to standard error, a line a message, for whatever runs the process to
/// keep. Standard output stays free for what a command has to say.
public enum StandardErrorLog {
    /// Makes every logger of the process write to standard error from `level` on. Call it once,
    /// before the first logger is made; swift-log traps on a second call.
    public static func start(level: Logger.Level) {
        LoggingSystem.bootstrap { label in handler(label: label, level: level) }
    }

    /// The handler that ``start(level:)`` installs.
    public static func handler(label: String, level: Logger.Level) -> some LogHandler {
        var handler = StreamLogHandler.standardError(label: label)
        handler.logLevel = level
        return handler
    }
}
