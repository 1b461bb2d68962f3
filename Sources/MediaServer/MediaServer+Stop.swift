// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import Synchronization

extension MediaServer {
    /// Refuses new calls, ends those without a connection, waits up to `deadline` for the others,
    /// then ends the rest politely. ``hurry()`` ends the wait.
    public func stop(deadline: MediaDuration) async throws {
        beginDrain()
        try await forEachShard { shard in
            // Nobody is on the line of a call that waits for its connection to come back.
            shard.forEachSession { if $0.isDetached { $0.end(.serverStopped) } }
        }
        try await wait(deadline)
        try await forEachShard { shard in
            shard.forEachSession { $0.endNow(CallEnding(.failed, info: "server stopping")) }
        }
        try await wait(.milliseconds(1000))
        try await forEachShard { shard in
            shard.forEachSession { $0.end(.serverStopped) }
            shard.stopTicking()
        }
    }

    /// Lets a stop that is under way, or comes, wait for nobody: live calls are told that they end,
    /// and are ended.
    public func hurry() {
        isHurried.store(true, ordering: .relaxed)
    }

    /// Whether ``hurry()`` was called.
    public var isHurrying: Bool { isHurried.load(ordering: .relaxed) }

    private func wait(_ longest: MediaDuration) async throws {
        let end = MonotonicClock.now() + longest
        while directory.count > 0, MonotonicClock.now() < end,
            !isHurrying
        {
            try await Task.sleep(nanoseconds: 20_000_000)
        }
    }
}
