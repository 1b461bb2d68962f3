// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import SyntheticCallers

/// What a run has counted so far, over all platforms. A value; whoever shares it locks it.
public struct LoadTally: Sendable {
    /// A broken rule or a call that failed, word for word.
    public struct Incident: Codable, Hashable, Sendable {
        public var platform: LoadPlatform
        public var call: String
        public var what: String
    }

    public private(set) var platforms: [LoadPlatform: PlatformTally] = [:]
    public private(set) var behaviours: [CallerBehaviour: Int] = [:]
    /// How late audio left and calls began.
    public private(set) var generatorLate = Distribution()
    /// The same since they were taken last.
    private var recentLate = Distribution()
    private var recentResponse = Distribution()
    public private(set) var live = 0
    public private(set) var mostLive = 0
    /// The first of them; the counts hold all.
    public private(set) var incidents: [Incident] = []

    private static let mostIncidents = 20

    public init(_ platforms: some Sequence<LoadPlatform> = []) {
        for platform in platforms { self.platforms[platform] = PlatformTally() }
    }

    /// All platforms together.
    public var total: PlatformTally {
        platforms.values.reduce(into: PlatformTally()) { $0.add($1) }
    }

    public mutating func began(_ call: PlannedCall, late: MediaDuration) {
        platforms[call.platform, default: PlatformTally()].started += 1
        behaviours[call.behaviour, default: 0] += 1
        live += 1
        mostLive = max(mostLive, live)
        generatorLate.record(late)
        recentLate.record(late)
    }

    public mutating func add(_ late: LatenessHistogram) {
        generatorLate.add(late)
        recentLate.add(late)
    }

    /// Nothing ran for so long.
    public mutating func stoodStill(_ late: MediaDuration) {
        generatorLate.record(late)
        recentLate.record(late)
    }

    public mutating func settled(_ call: PlannedCall, _ result: CallResult) {
        let report = result.report
        platforms[call.platform, default: PlatformTally()].add(
            report, behaviour: call.behaviour, playsBot: call.platform.playsBot)
        guard call.behaviour.isMeasured else { return }
        for turn in report.turns {
            guard let latency = turn.arrivalLatency?.value, latency >= 0 else { continue }
            recentResponse.record(milliseconds: latency)
        }
        for violation in report.violations {
            note(call.platform, report.call, "\(violation.rule.rawValue): \(violation.detail)")
        }
    }

    public mutating func ended(_ call: PlannedCall, _ result: CallResult) {
        settled(call, result)
        let ending = result.report.ending
        platforms[call.platform, default: PlatformTally()].end(ending, behaviour: call.behaviour)
        live -= 1
        guard call.behaviour.isMeasured, [.refused, .failed].contains(ending.kind) else { return }
        note(call.platform, result.report.call, "\(ending.kind.rawValue): \(ending.detail)")
    }

    private mutating func note(_ platform: LoadPlatform, _ call: String, _ what: String) {
        guard incidents.count < Self.mostIncidents else { return }
        incidents.append(Incident(platform: platform, call: call, what: what))
    }

    /// What came since this was asked last.
    mutating func takeRecent() -> (late: Quantiles, response: Quantiles) {
        defer {
            recentLate = Distribution()
            recentResponse = Distribution()
        }
        return (recentLate.quantiles, recentResponse.quantiles)
    }
}
