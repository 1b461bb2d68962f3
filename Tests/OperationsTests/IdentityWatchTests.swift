// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Synchronization
import Testing

@testable import Operations

@Suite struct IdentityWatchTests {
    /// Counts what a watch does with two files of a folder.
    private final class Reading: Sendable {
        private struct Broken: Error {}

        let count = Mutex(0)
        let isBroken = Mutex(false)

        func watch(_ folder: URL) -> IdentityWatch {
            IdentityWatch(
                paths: ["cert.pem", "key.pem"].map { folder.appending(path: $0).path },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            ) {
                self.count.withLock { $0 += 1 }
                if self.isBroken.withLock({ $0 }) { throw Broken() }
            }
        }

        var total: Int { count.withLock { $0 } }
    }

    private func write(_ text: String, _ name: String, in folder: URL) throws {
        try Data(text.utf8).write(to: folder.appending(path: name))
    }

    @Test func filesAreReadAnewWhenOneWasReplaced() throws {
        try ServerConfigurationTests.withFolder { folder in
            try write("a", "cert.pem", in: folder)
            try write("b", "key.pem", in: folder)
            let reading = Reading()
            let watch = reading.watch(folder)
            watch.check()
            #expect(reading.total == 0)
            try write("other", "key.pem", in: folder)
            watch.check()
            watch.check()
            #expect(reading.total == 1)
            try write("another", "cert.pem", in: folder)
            watch.check()
            #expect(reading.total == 2)
        }
    }

    @Test func aFileThatIsGoneOrBrokenIsTriedAgainWhenItChanges() throws {
        try ServerConfigurationTests.withFolder { folder in
            try write("a", "cert.pem", in: folder)
            let reading = Reading()
            reading.isBroken.withLock { $0 = true }
            let watch = reading.watch(folder)
            try write("half", "cert.pem", in: folder)
            watch.check()
            watch.check()
            #expect(reading.total == 1, "a broken pair is not read on every look")
            reading.isBroken.withLock { $0 = false }
            try write("there", "key.pem", in: folder)
            watch.check()
            #expect(reading.total == 2)
        }
    }

    @Test func aLinkThatIsMovedIsAChange() throws {
        try ServerConfigurationTests.withFolder { folder in
            let files = FileManager.default
            for version in ["one", "two"] {
                let made = folder.appending(path: version)
                try files.createDirectory(at: made, withIntermediateDirectories: true)
                try write("same", "cert.pem", in: made)
            }
            let link = folder.appending(path: "cert.pem")
            try files.createSymbolicLink(
                at: link, withDestinationURL: folder.appending(path: "one/cert.pem"))
            let reading = Reading()
            let watch = reading.watch(folder)
            try files.removeItem(at: link)
            try files.createSymbolicLink(
                at: link, withDestinationURL: folder.appending(path: "two/cert.pem"))
            watch.check()
            #expect(reading.total == 1)
        }
    }

    @Test func onDemandFilesAreReadInAnyCase() throws {
        try ServerConfigurationTests.withFolder { folder in
            let reading = Reading()
            let watch = reading.watch(folder)
            watch.reload()
            #expect(reading.total == 1)
        }
    }
}
