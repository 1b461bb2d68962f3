// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import NIOCore

/// A step in the life of a call under load.
public enum CallProgress: Sendable {
    /// It began to connect, so long after the instant that was intended.
    case began(late: MediaDuration)
    /// A part of it that is settled; the parts and the end together are the whole.
    case settled(CallResult)
    case ended(CallResult)
}

extension CallGenerator {
    /// Loops that calls can be placed on.
    public var loopCount: Int { loops.count }

    /// The clock of ``place(_:at:on:progress:)``.
    public static func now() -> MediaInstant { CallPacer.now() }

    /// Places a call at an instant, whatever became of earlier ones. No timeline is kept.
    ///
    /// - Parameters:
    ///   - call: makes the call, when it is time.
    ///   - instant: on the clock of ``now()``; what is past begins at once, late.
    ///   - index: which loop carries the call, below ``loopCount``.
    ///   - progress: told of what happens, on the call's loop: it must be quick.
    public func place(
        _ call: @escaping @Sendable () -> SyntheticCall, at instant: MediaInstant, on index: Int,
        progress: @escaping @Sendable (CallProgress) -> Void
    ) {
        let loop = loops[index]
        guard let shard = shards[ObjectIdentifier(loop)] else { return }
        loop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(max(0, instant.nanoseconds)))) {
            progress(.began(late: CallPacer.now() - instant))
            shard.place(
                call(), handle: CallHandle(loop: loop), onEvent: nil,
                onSettled: { progress(.settled($0)) }, completion: { progress(.ended($0)) })
        }
    }

    /// Asks the calls for what is settled of them; it is told to their `progress`.
    ///
    /// - Parameter lateness: told, on each loop, how late calls were served since this was asked
    ///   last. Measuring begins with the first time.
    public func settle(lateness: @escaping @Sendable (LatenessHistogram) -> Void) {
        for (_, shard) in shards { shard.settle(lateness) }
    }

    /// Hangs up every call.
    public func hangUp() {
        for (_, shard) in shards { shard.hangUp() }
    }
}
