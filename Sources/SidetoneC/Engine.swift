// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import CSidetone
internal import Glibc
internal import MediaEngine
internal import SpeechDetection

/// What the calls of one of the host's threads share: time, memory for waiting audio, cancellers.
///
/// Behind one gate of the table together with its calls.
@safe
final class Engine {
    /// Far enough from the ends of its type that no sum of it and a length overflows.
    private static let latestInstant: Int64 = 1 << 61
    private static let mostCalls: Int32 = 10_000
    private static let mostCancellers = 256

    let pool: AudioBlockPool
    let cancellers: EchoCancellerPool
    let mostCalls: Int
    /// Handles of its calls.
    var calls: [UInt64] = []
    private let clock: sidetone_clock?
    private let clockContext: UnsafeMutableRawPointer?
    private var latest: Int64 = 0

    init(_ config: sidetone_engine_config) throws(Refusal) {
        let mostCalls = unsafe config.max_calls == 0 ? 100 : config.max_calls
        let memory = unsafe config.playout_memory_size == 0 ? 16 << 20 : config.playout_memory_size
        guard (1...Self.mostCalls).contains(mostCalls), (65_536...(4 << 30)).contains(memory),
            unsafe config.cancellers <= Self.mostCalls
        else { throw .invalidArgument }
        self.mostCalls = Int(mostCalls)
        unsafe clock = config.clock
        unsafe clockContext = config.clock_context
        pool = AudioBlockPool(byteLimit: Int(memory))
        pool.reserveAll()
        let wanted = unsafe config.cancellers
        cancellers = EchoCancellerPool(
            capacity: wanted == 0
                ? min(self.mostCalls, Self.mostCancellers) : Int(max(0, wanted)))
        calls.reserveCapacity(self.mostCalls)
    }

    /// The host's time, which never runs backwards.
    func now() -> MediaInstant {
        let read: Int64
        if let clock = unsafe clock {
            read = unsafe clock(clockContext)
        } else {
            var time = timespec()
            // Reads the clock in user space; it cannot fail with a clock that exists.
            unsafe clock_gettime(CLOCK_MONOTONIC, &time)
            read = Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
        }
        latest = max(latest, min(read, Self.latestInstant))
        return MediaInstant(nanoseconds: latest)
    }
}
