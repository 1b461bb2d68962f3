// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// How much memory live calls may declare to need when nobody says it.
enum MemoryLimit {
    /// Half of what the machine, or the control group that the process is in, has: the other half is
    /// for queued bot audio, the code, and what a call needs beyond its declaration.
    static func derived() -> Int {
        let machine = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        return min(machine, controlGroup() ?? machine) / 2
    }

    /// The tightest `memory.max` from the process's own group up to the root; nil without any.
    static func controlGroup(
        root: String = "/sys/fs/cgroup", of file: String = "/proc/self/cgroup"
    ) -> Int? {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::/") })
        else { return nil }
        var parts = line.dropFirst("0::/".count).split(separator: "/").map(String.init)
        var tightest: Int?
        while true {
            let path = ([root] + parts + ["memory.max"]).joined(separator: "/")
            // The root group has no such file, and an unlimited one says `max`.
            if let limit = try? String(contentsOfFile: path, encoding: .utf8),
                let bytes = Int(limit.trimmingCharacters(in: .whitespacesAndNewlines))
            {
                tightest = min(bytes, tightest ?? bytes)
            }
            if parts.isEmpty { return tightest }
            parts.removeLast()
        }
    }
}
