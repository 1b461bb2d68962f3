// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import Synchronization

extension MediaServer {
    /// Refuses new calls, waits up to `deadline` for the live ones, then ends the rest politely.
    /// ``hurry()`` ends the wait. Calls without a connection end at once: nobody is on the line.
    /// - Returns: how many calls were cut: live at the deadline, or at ``hurry()``.
    @discardableResult
    public func stop(deadline: MediaDuration) async throws -> Int {
        beginDrain()
        let end = MonotonicClock.now() + deadline
        repeat {
            try await forEachShard { shard in
                shard.forEachSession { if $0.isDetached { $0.end(.connectionLost) } }
            }
            try await wait(until: min(end, MonotonicClock.now() + .milliseconds(500)))
        } while directory.count > 0 && MonotonicClock.now() < end && !isHurrying
        let cut = directory.count
        try await forEachShard { shard in
            shard.forEachSession { $0.endNow(CallEnding(.failed, info: "server stopping")) }
        }
        try await wait(until: MonotonicClock.now() + .milliseconds(1000))
        try await forEachShard { shard in
            shard.forEachSession { $0.end(.serverStopped) }
            shard.stopTicking()
        }
        return cut
    }

    /// Lets a stop that is under way, or comes, wait for nobody: live calls are told that they end,
    /// and are ended.
    public func hurry() {
        isHurried.store(true, ordering: .relaxed)
    }

    /// Whether ``hurry()`` was called.
    public var isHurrying: Bool { isHurried.load(ordering: .relaxed) }

    private func wait(until end: MediaInstant) async throws {
        while directory.count > 0, MonotonicClock.now() < end, !isHurrying {
            try await Task.sleep(nanoseconds: 20_000_000)
        }
    }
}
