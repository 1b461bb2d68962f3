// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Synchronization

/// Whether a shard keeps its ticks: written by the shard on every tick and when its first call begins
/// and its last one ends, read by whoever decides about new calls, on any thread.
final class ShardLoad: Sendable {
    private let policy: AdmissionPolicy
    private let overloaded = Atomic<Bool>(false)
    private let serving = Atomic<Bool>(false)
    private let lastTick: Atomic<Int64>

    init(policy: AdmissionPolicy, now: MediaInstant) {
        self.policy = policy
        lastTick = Atomic(now.nanoseconds)
    }

    func note(isOverloaded: Bool, at now: MediaInstant) {
        overloaded.store(isOverloaded, ordering: .relaxed)
        lastTick.store(now.nanoseconds, ordering: .relaxed)
    }

    /// - Parameter isServing: the shard has calls.
    func note(isServing: Bool) {
        serving.store(isServing, ordering: .relaxed)
    }

    /// Whether a new call would make things worse for those that there are: ticks are late, or there
    /// are none.
    func isOverloaded(at now: MediaInstant) -> Bool {
        guard serving.load(ordering: .relaxed) else { return false }
        let silence = now.nanoseconds - lastTick.load(ordering: .relaxed)
        return overloaded.load(ordering: .relaxed)
            || silence > policy.longestSilence.nanoseconds
    }
}
