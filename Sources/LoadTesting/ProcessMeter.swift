// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Reads what a process has used from `/proc`.
public struct ProcessMeter: Sendable {
    public struct Reading: Codable, Hashable, Sendable {
        /// Seconds of one core, user and system together.
        public var cpu: Double
        /// Resident memory in KiB.
        public var memory: Int
    }

    public let pid: Int32

    public init(pid: Int32) {
        self.pid = pid
    }

    /// This process.
    public static var own: ProcessMeter {
        ProcessMeter(pid: ProcessInfo.processInfo.processIdentifier)
    }

    /// Nil when there is no such process any more.
    public func read() -> Reading? {
        guard let stat = ProcFile.text("/proc/\(pid)/stat"),
            let status = ProcFile.text("/proc/\(pid)/status")
        else { return nil }
        return Self.parse(stat: stat, status: status)
    }

    static func parse(stat: String, status: String) -> Reading? {
        // The name in brackets may hold anything, so fields are counted from its end.
        guard let bracket = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: bracket)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[11]), let system = Double(fields[12])
        else { return nil }
        let resident = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        let memory = resident?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
        return Reading(
            cpu: (user + system) / ProcFile.ticksPerSecond,
            memory: memory.flatMap { Int($0) } ?? 0)
    }
}

/// Reads what all cores have done from `/proc/stat`.
public struct MachineMeter: Sendable {
    public struct Reading: Hashable, Sendable {
        /// Seconds over all cores.
        public var busy: Double
        public var idle: Double
        /// What another guest of the machine took from us.
        public var stolen: Double
    }

    public init() {}

    public func read() -> Reading? { ProcFile.text("/proc/stat").flatMap(Self.parse) }

    static func parse(_ text: String) -> Reading? {
        guard let line = text.split(separator: "\n").first, line.hasPrefix("cpu ") else {
            return nil
        }
        let times = line.split(separator: " ").dropFirst().compactMap { Double($0) }
        guard times.count >= 8 else { return nil }
        let ticks = ProcFile.ticksPerSecond
        // user nice system idle iowait irq softirq steal
        let busy = times[0] + times[1] + times[2] + times[5] + times[6]
        return Reading(
            busy: busy / ticks, idle: (times[3] + times[4]) / ticks, stolen: times[7] / ticks)
    }
}

/// How many files and connections this process may have open.
public enum OpenFileLimit {
    /// Nil where it is not known.
    public static var current: Int? {
        ProcFile.text("/proc/self/limits").flatMap(Self.parse)
    }

    static func parse(_ text: String) -> Int? {
        let line = text.split(separator: "\n").first { $0.hasPrefix("Max open files") }
        return line?.split(separator: " ").compactMap { Int($0) }.first
    }
}

private enum ProcFile {
    /// The kernel's unit for user space (USER_HZ), which is 100 on every platform Linux runs on here.
    static let ticksPerSecond = 100.0

    static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}
