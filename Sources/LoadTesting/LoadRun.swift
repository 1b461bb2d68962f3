// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import SyntheticCallers

/// Carries out a plan over real sockets and measures.
///
/// Open loop: calls begin at their planned instants whatever became of others. Each event loop
/// carries its share of the slots with speech of its own; what a call has settled is counted at
/// once, so a long run holds no more than a short one.
public final class LoadRun: Sendable {
    public struct Options: Sendable {
        /// Event loops, each a thread.
        public var loops = 1
        /// Address of the server's statistics.
        public var statistics: String?
        /// The server's process; nil takes what its statistics say.
        public var pid: Int32?
        public var lateLimit = LoadResult.LateLimit(p99: 20, maximum: 250)

        public init() {}
    }

    private let plan: LoadPlan
    private let options: Options
    private let group: MultiThreadedEventLoopGroup
    private let generator: CallGenerator
    private let makers: [CallMaker]
    private let tally: Mutex<LoadTally>

    /// - Precondition: there is a target for every platform of the plan.
    public init(
        _ plan: LoadPlan, targets: LoadTargets, speech: SpeechLibrary, options: Options = Options()
    ) {
        precondition(
            plan.mix.entries.allSatisfy { targets.contains($0.key) }, "Calls need somewhere to go")
        self.plan = plan
        self.options = options
        group = MultiThreadedEventLoopGroup(numberOfThreads: options.loops)
        generator = CallGenerator(group: group)
        makers = (0..<options.loops).map { _ in CallMaker(targets: targets, speech: speech.copy()) }
        tally = Mutex(LoadTally(plan.mix.entries.map(\.key)))
    }

    /// Runs once, and returns when every call is over or given up.
    ///
    /// - Parameter progress: told every second.
    /// - Throws: ``LoadProblem`` when the statistics cannot be read at the beginning.
    public func run(
        progress: (LoadResult.Sample, LoadTally) -> Void = { _, _ in }
    ) async throws -> LoadResult {
        let date = Date().formatted(.iso8601)
        var before: ServerStatistics?
        if let url = options.statistics { before = try await ServerStatistics.fetch(url) }
        let pid = options.pid ?? before?.pid
        var watch = UsageWatch(
            server: pid.map { ProcessMeter(pid: $0) },
            cores: ProcessInfo.processInfo.activeProcessorCount)
        settle()
        let begin = CallGenerator.now() + .milliseconds(300)
        for (index, slot) in plan.slots().enumerated() {
            place(slot, on: index % options.loops, begin: begin)
        }
        var statistics = before
        var samples: [LoadResult.Sample] = []
        var hasHungUp = false
        var end = plan.duration.seconds
        var due = begin
        while true {
            due = due + .seconds(1)
            let wait = due - CallGenerator.now()
            try await Task.sleep(for: .nanoseconds(max(0, wait.nanoseconds)))
            let late = CallGenerator.now() - due
            if late > .seconds(1) {
                // The machine stood still: that is our lateness, and calls need their time again.
                tally.withLock { $0.stoodStill(late) }
                due = CallGenerator.now()
                end = max(end, (due - begin).seconds)
            }
            settle()
            if let url = options.statistics, let now = try? await ServerStatistics.fetch(url) {
                statistics = now
            }
            let (sample, tally) = sample(begin: begin, statistics, &watch)
            samples.append(sample)
            progress(sample, tally)
            guard sample.at >= end else { continue }
            if tally.live == 0 || sample.at > end + Self.grace + 3 { break }
            if !hasHungUp, sample.at > end + Self.grace {
                hasHungUp = true
                generator.hangUp()
            }
        }
        statistics = try await lastStatistics() ?? statistics
        let tally = tally.withLock { $0 }
        try await group.shutdownGracefully()
        var result = LoadResult(
            plan: plan, tally: tally, usage: watch.usage(frames: tally.total.framesSent),
            samples: samples, statistics: statistics, statisticsBefore: before,
            lateLimit: options.lateLimit, date: date)
        result.unended = tally.live
        return result
    }

    /// What the server tells when it has counted the calls that ended, some of which it may keep
    /// for a while in case that they come back.
    private func lastStatistics() async throws -> ServerStatistics? {
        guard let url = options.statistics else { return nil }
        var last: ServerStatistics?
        for _ in 0..<20 {
            try await Task.sleep(for: .milliseconds(500))
            last = (try? await ServerStatistics.fetch(url)) ?? last
            if last?.liveCalls ?? 0 == 0 { break }
        }
        return last
    }

    /// Seconds that calls have for their farewell; then they are hung up.
    private static let grace = 12.0

    private func settle() {
        generator.settle { late in self.tally.withLock { $0.add(late) } }
    }

    private func sample(
        begin: MediaInstant, _ statistics: ServerStatistics?, _ watch: inout UsageWatch
    ) -> (LoadResult.Sample, LoadTally) {
        let (recent, tally) = tally.withLock { ($0.takeRecent(), $0) }
        let at = (CallGenerator.now() - begin).seconds
        var sample = LoadResult.Sample(
            at: at, live: tally.live, generatorCPU: 0, machineCPU: 0, steal: 0,
            generatorLate: recent.late.p99,
            response: recent.response.count > 0 ? recent.response.p99 : nil,
            tickLate: statistics?.tickLate?.p99)
        let isSteady =
            at >= plan.ramp.seconds && at <= (plan.duration - LoadPlan.endSpread).seconds
        watch.sample(&sample, isSteady: isSteady)
        return (sample, tally)
    }

    private func place(_ slot: LoadSlot, on loop: Int, begin: MediaInstant) {
        guard let call = slot.call else { return }
        place(call, on: loop, begin: begin) {
            var next = slot
            next.advance()
            self.place(next, on: loop, begin: begin)
        }
    }

    private func place(
        _ call: PlannedCall, on loop: Int, begin: MediaInstant,
        began: @escaping @Sendable () -> Void = {}
    ) {
        let maker = makers[loop]
        let make: @Sendable () -> SyntheticCall = { maker.call(call) }
        generator.place(make, at: begin + call.start, on: loop) { progress in
            switch progress {
            case .began(let late):
                self.tally.withLock { $0.began(call, late: late) }
                began()
            case .settled(let result): self.tally.withLock { $0.settled(call, result) }
            case .ended(let result):
                self.tally.withLock { $0.ended(call, result) }
                if result.report.ending.kind == .byBot {
                    self.replace(call, on: loop, begin: begin)
                }
            }
        }
    }

    /// A bot that ends its call early must not thin out the load: another takes the rest of its time.
    private func replace(_ call: PlannedCall, on loop: Int, begin: MediaInstant) {
        let start = CallGenerator.now() - begin + .milliseconds(200)
        let rest = call.start + call.length - start
        guard rest >= LoadPlan.shortest else { return }
        place(
            PlannedCall(
                platform: call.platform, behaviour: call.behaviour, start: start, length: rest,
                seed: call.seed &+ 1), on: loop, begin: begin)
    }
}
