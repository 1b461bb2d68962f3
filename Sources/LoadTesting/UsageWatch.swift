// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Turns readings of processes and of the machine into what was used between them.
struct UsageWatch {
    private struct Readings {
        var at: Double
        var own: Double
        var server: Double?
        var memory: Int?
        var machine: MachineMeter.Reading?
    }

    private let server: ProcessMeter?
    private let machine = MachineMeter()
    private let cores: Double
    private let first: Readings
    private var last: Readings
    /// Bounds of the time in which all calls are up.
    private var windowStart: Readings?
    private var windowEnd: Readings?
    private var liveInWindow: [Int] = []
    private var mostMemory: Int?

    init(server: ProcessMeter?, cores: Int) {
        self.server = server
        self.cores = Double(max(1, cores))
        first = Self.read(server, machine, at: 0)
        last = first
        mostMemory = first.memory
    }

    private static func read(
        _ server: ProcessMeter?, _ machine: MachineMeter, at: Double
    ) -> Readings {
        let reading = server?.read()
        return Readings(
            at: at, own: ProcessMeter.own.read()?.cpu ?? 0, server: reading?.cpu,
            memory: reading?.memory, machine: machine.read())
    }

    /// Reads everything, and fills in what was used since the last time.
    mutating func sample(_ sample: inout LoadResult.Sample, isSteady: Bool) {
        let now = Self.read(server, machine, at: sample.at)
        let passed = max(0.001, now.at - last.at)
        sample.generatorCPU = 100 * (now.own - last.own) / passed
        if let cpu = now.server, let before = last.server {
            sample.serverCPU = 100 * (cpu - before) / passed
        }
        sample.serverMemory = now.memory
        (sample.machineCPU, sample.steal) = share(from: last, to: now)
        mostMemory = [mostMemory, now.memory].compactMap { $0 }.max()
        if isSteady {
            if windowStart == nil { windowStart = now }
            windowEnd = now
            liveInWindow.append(sample.live)
        }
        last = now
    }

    private func share(from: Readings, to: Readings) -> (busy: Double, stolen: Double) {
        guard let before = from.machine, let after = to.machine else { return (0, 0) }
        let busy = after.busy - before.busy
        let stolen = after.stolen - before.stolen
        let all = busy + stolen + after.idle - before.idle
        return all > 0 ? (100 * busy / all, 100 * stolen / all) : (0, 0)
    }

    func usage(frames: Int) -> LoadResult.Usage {
        var usage = LoadResult.Usage()
        usage.frames = frames
        usage.memoryBefore = first.memory
        usage.mostMemory = mostMemory
        usage.generatorInAll = last.own - first.own
        if let before = first.server, let after = last.server { usage.serverInAll = after - before }
        guard let start = windowStart, let end = windowEnd, end.at > start.at else { return usage }
        usage.seconds = end.at - start.at
        usage.calls = Double(liveInWindow.reduce(0, +)) / Double(max(1, liveInWindow.count))
        usage.generator = end.own - start.own
        if let before = start.server, let after = end.server { usage.server = after - before }
        (usage.machine, usage.steal) = share(from: start, to: end)
        return usage
    }
}
