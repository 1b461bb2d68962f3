// Sidetone
// SPDX-License-Identifier: Apache-2.0

extension LoadResult {
    /// A value about processes, the server or the run as a whole.
    func use(of name: String) -> Double? {
        switch name {
        case "late": Double(tally.generatorLate.count(above: 20_000))
        case "lost": lostFrames
        case "concealed": grown(\.samplesConcealed).map { ($0 / Self.frameLength).rounded(.up) }
        case "ticks_skipped": grown(\.ticksSkipped)
        case "stalls": grown(\.stalls)
        case "budget_breaches": grown(\.budgetBreaches)
        case "most_live": Double(tally.mostLive)
        case "cpu": serverCPU
        case "cpu_per_call": usage.calls > 0 ? serverCPU.map { $0 / usage.calls } : nil
        case "cpu_per_frame":
            usage.frames > 0 ? usage.serverInAll.map { $0 * 1e6 / Double(usage.frames) } : nil
        case "rss": usage.mostMemory.map(Double.init)
        case "rss_per_call": memoryPerCall
        case "generator_cpu_per_frame":
            usage.frames > 0 ? usage.generatorInAll * 1e6 / Double(usage.frames) : nil
        case "generator_cpu":
            usage.seconds > 0 ? 100 * usage.generator / usage.seconds : nil
        case "machine_cpu": usage.machine
        case "steal": usage.steal
        default: nil
        }
    }

    private var serverCPU: Double? {
        usage.seconds > 0 ? usage.server.map { 100 * $0 / usage.seconds } : nil
    }

    private var memoryPerCall: Double? {
        guard let before = usage.memoryBefore, let most = usage.mostMemory, tally.mostLive > 0
        else { return nil }
        return Double(most - before) / Double(tally.mostLive)
    }

    /// Samples of 20 ms at 8 kHz.
    private static let frameLength = 160.0

    /// 8 kHz mu-law has one byte to a sample; the server counts its calls when they have ended. What
    /// callers that misbehave sent is allowed for.
    private var lostFrames: Double? {
        guard let received = grown(\.samplesReceived) else { return nil }
        let sent = Double(tally.total.bytesSent - tally.total.bytesExcused)
        return max(0, ((sent - received) / Self.frameLength).rounded())
    }

    /// A counter of the server, since the run began.
    func grown(_ counter: KeyPath<ServerStatistics, Int?>) -> Double? {
        guard let end = statistics?[keyPath: counter] else { return nil }
        return Double(end - (statisticsBefore?[keyPath: counter] ?? 0))
    }
}
