// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// What a run came to.
public struct LoadResult: Sendable {
    /// One second of the run.
    public struct Sample: Codable, Hashable, Sendable {
        /// Seconds since the run began.
        public var at: Double
        public var live: Int
        /// Per cent of one core; nil where the process is not known.
        public var serverCPU: Double?
        public var serverMemory: Int?
        public var generatorCPU: Double
        /// Per cent of all cores.
        public var machineCPU: Double
        public var steal: Double
        /// Microseconds, of this second.
        public var generatorLate: Double
        public var response: Double?
        /// Microseconds, p99 since the server began.
        public var tickLate: Double?
    }

    /// What processes used while all calls were up.
    public struct Usage: Codable, Hashable, Sendable {
        /// Seconds that are looked at, and the mean number of calls in that time.
        public var seconds = 0.0
        public var calls = 0.0
        /// Seconds of one core.
        public var server: Double?
        public var generator = 0.0
        /// The same over the whole run, and the audio messages that were sent in it.
        public var serverInAll: Double?
        public var generatorInAll = 0.0
        public var frames = 0
        /// Per cent of all cores.
        public var machine = 0.0
        public var steal = 0.0
        /// KiB: before the first call, and at most.
        public var memoryBefore: Int?
        public var mostMemory: Int?
    }

    /// How late the generator may be for the run to say anything of the server.
    public struct LateLimit: Codable, Hashable, Sendable {
        /// Milliseconds.
        public var p99: Double
        public var maximum: Double

        public init(p99: Double, maximum: Double) {
            self.p99 = p99
            self.maximum = maximum
        }
    }

    public enum Verdict: String, Codable, Sendable {
        case passed, failed
        /// The generator was late: the figures say nothing of the server.
        case inconclusive
    }

    public var plan: LoadPlan
    public var tally: LoadTally
    public var usage: Usage
    public var samples: [Sample]
    /// As the server tells at the end, and told before the first call.
    public var statistics: ServerStatistics?
    public var statisticsBefore: ServerStatistics?
    public var lateLimit: LateLimit
    /// Calls that did not end by themselves.
    public var unended = 0
    /// When it began, for people.
    public var date: String
    public var outcomes: [Assertion.Outcome] = []
    /// What the engine alone takes, measured apart from the run.
    public var curve: ScalingCurve?

    public var verdict: Verdict {
        if isGeneratorLate { return .inconclusive }
        return outcomes.allSatisfy(\.holds) ? .passed : .failed
    }

    public var isGeneratorLate: Bool {
        let late = tally.generatorLate
        return late.value(at: 0.99) > lateLimit.p99 * 1000
            || late.maximum > lateLimit.maximum * 1000
    }

    /// The platforms of the run, in the order of the mix.
    public var platforms: [LoadPlatform] { plan.mix.entries.map(\.key) }

    /// A value in the unit of its metric; nil when it was not measured.
    public func value(of reference: MetricReference) -> Double? {
        if let statistic = reference.statistic {
            return quantiles(of: reference.metric, reference.platform)?.value(statistic)
        }
        let tally = reference.platform.map { self.tally.platforms[$0] ?? PlatformTally() }
        return count(of: reference.metric.name, tally ?? self.tally.total)
            ?? use(of: reference.metric.name)
    }

    /// Of a distribution; nil for other metrics and where there is none.
    func quantiles(of metric: Metric, _ platform: LoadPlatform? = nil) -> Quantiles? {
        let tally =
            platform.map { self.tally.platforms[$0] ?? PlatformTally() } ?? self.tally.total
        return switch metric.name {
        case "response": tally.response.quantiles
        case "barge_in": tally.bargeIn.quantiles
        case "onset": tally.onset.quantiles
        case "endpoint": tally.endpoint.quantiles
        case "prompt": tally.prompt.quantiles
        case "generator_late": self.tally.generatorLate.quantiles
        case "own": statistics?.turnOwn?.quantiles
        case "tick_late": statistics?.tickLate?.quantiles
        case "turn_total": statistics?.turnTotal?.quantiles
        case "turn_arrival": statistics?.turnArrival?.quantiles
        case "turn_endpoint": statistics?.turnEndpoint?.quantiles
        case "turn_bot": statistics?.turnBot?.quantiles
        case "turn_playout": statistics?.turnPlayout?.quantiles
        default: nil
        }
    }

    private func count(of name: String, _ tally: PlatformTally) -> Double? {
        switch name {
        case "calls": Double(tally.started)
        case "refused": Double(tally.refused)
        case "failed": Double(tally.failed + unended)
        case "bot_ended": Double(tally.byBot)
        case "turns": Double(tally.turns)
        case "unanswered": Double(tally.unanswered)
        case "early": tally.turns > 0 ? 100 * Double(tally.early) / Double(tally.turns) : nil
        case "interruptions": Double(tally.interruptions)
        case "missed_interruptions": Double(tally.missedInterruptions)
        case "false_stops": Double(tally.falseStops)
        case "underruns": Double(tally.underruns)
        case "violations": Double(tally.violations)
        case "frames_sent": Double(tally.framesSent)
        case "frames_received": Double(tally.framesReceived)
        default: nil
        }
    }
}
