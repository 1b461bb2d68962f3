// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Operations

@Suite struct MemoryLimitTests {
    /// A tree of control groups, each with what it may use.
    private func limit(_ group: String, _ files: [String: String]) throws -> Int? {
        var result: Int?
        try ServerConfigurationTests.withFolder { folder in
            for (path, text) in files {
                let file = folder.appending(path: path).appending(path: "memory.max")
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try text.write(to: file, atomically: true, encoding: .utf8)
            }
            let own = folder.appending(path: "cgroup")
            try group.write(to: own, atomically: true, encoding: .utf8)
            result = MemoryLimit.controlGroup(root: folder.path, of: own.path)
        }
        return result
    }

    @Test func theTightestGroupOnTheWayUpCounts() throws {
        let files = ["a": "4000\n", "a/b": "max\n", "a/b/c": "9000\n", "z": "1\n"]
        #expect(try limit("0::/a/b/c\n", files) == 4000)
        #expect(try limit("0::/\n", files) == nil)
        #expect(try limit("0::/\n", files.merging(["": "7000\n"]) { $1 }) == 7000)
        #expect(try limit("12:cpu:/x\n0::/a\n", files) == 4000)
        #expect(try limit("1:memory:/a\n", files) == nil)
    }

    @Test func theDerivedLimitIsLessThanTheMachineHas() {
        #expect(MemoryLimit.derived() > 16 * 1024 * 1024)
        #expect(MemoryLimit.derived() <= Int(ProcessInfo.processInfo.physicalMemory) / 2)
    }
}
