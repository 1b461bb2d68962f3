// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Logging
internal import Synchronization

/// Notices that the files of the server's TLS identity were replaced, and has them read anew.
///
/// Files that cannot be used change nothing but the log: certificate and key are two files, and one
/// is always there before the other. Usable from any thread; reads files, so never call it on an
/// event loop.
final class IdentityWatch: Sendable {
    static let interval = Duration.seconds(10)

    /// What tells one version of a file from another.
    private struct Stamp: Hashable {
        /// With symbolic links followed: secrets are often renewed by moving one.
        var path: String
        var modified: Date?
        var size: UInt64?
        var node: UInt64?

        init(_ path: String) {
            self.path = URL(filePath: path).resolvingSymlinksInPath().path
            let attributes = try? FileManager.default.attributesOfItem(atPath: self.path)
            modified = attributes?[.modificationDate] as? Date
            size = (attributes?[.size] as? NSNumber)?.uint64Value
            node = (attributes?[.systemFileNumber] as? NSNumber)?.uint64Value
        }
    }

    private let paths: [String]
    private let logger: Logger
    private let read: @Sendable () throws -> Void
    private let seen: Mutex<[Stamp]>

    /// - Parameter read: reads the files and puts them in force, or throws and leaves the old ones.
    init(paths: [String], logger: Logger, read: @escaping @Sendable () throws -> Void) {
        self.paths = paths
        self.logger = logger
        self.read = read
        seen = Mutex(paths.map(Stamp.init))
    }

    /// Looks after the files until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval)
            if !Task.isCancelled { check() }
        }
    }

    /// Reads the files anew when one of them is another than at the last look.
    func check() {
        let stamps = paths.map(Stamp.init)
        let isNew = seen.withLock { seen in
            defer { seen = stamps }
            return seen != stamps
        }
        if isNew { reload() }
    }

    /// Reads the files anew, whatever they are.
    func reload() {
        do {
            try read()
            logger.notice("TLS identity read anew")
        } catch {
            logger.error(
                "TLS identity not replaced: the old one stays", metadata: ["error": "\(error)"])
        }
    }
}
