// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import MediaEngine

/// When a server takes no further call, beside their count: late ticks and declared memory.
///
/// How busy the processor is says nothing here: a core may be full of work that can wait, and a
/// half idle one may be late because a neighbour holds it. What callers notice is lateness.
public struct AdmissionPolicy: Hashable, Sendable {
    /// A tick that begins later than this is late: the next one is due by then. A shard gets there
    /// before its sockets fill and answers come late; one with time to spare has fewer than one such
    /// tick in ten, even while the host takes a third of the machine away.
    public var lateTick = MediaDuration.milliseconds(10)
    /// How far back ticks are looked at, while the shard has calls: lateness that nobody heard
    /// refuses nobody. A second is long against one stall of the machine and short against a ramp of
    /// calls. Its worst tenth is left out: a stall, however long, falls into one.
    public var window = MediaDuration.milliseconds(1000)
    /// A shard is overloaded when one in so many ticks of the rest was late or left out.
    public var overloadedShare = 3
    /// A shard that was overloaded takes calls again when one in so many is late at most.
    public var easedShare = 4
    /// For how long without a break ticks have to be that punctual. With the window it bounds for how
    /// long calls are refused after the last late tick: ``retryAfterSeconds``.
    public var recovery = MediaDuration.milliseconds(1000)
    /// A shard with calls and without any tick for so long is stuck and takes no more, whatever came
    /// before.
    public var longestSilence = MediaDuration.milliseconds(1000)
    /// What all live calls may declare to need together, in bytes.
    public var memoryLimit = Int.max

    /// What a call's connection with TLS, its messages in flight, its part of the platform's adapter
    /// and of the bot, an echo canceller and an ordinary prompt that waits take beside the engine, in
    /// bytes. Measured, see `docs/operating.md`.
    public static let connectionByteCount = 96 * 1024
    /// The same of a call that is only heard: there is nothing to play, and no echo.
    public static let listeningByteCount = 48 * 1024
    /// What peers that can wait are told, in seconds: an overload that is over is forgotten by then.
    public static let retryAfterSeconds = 2

    public init() {}

    /// What a call declares to need, in bytes.
    static func declaredByteCount(of call: CallConfiguration) -> Int {
        call.declaredByteCount + (call.egress == nil ? listeningByteCount : connectionByteCount)
    }

    /// As ``declaredByteCount(of:)``, of a call that nothing is known of.
    static let ordinaryByteCount = Call.declaredByteCount + connectionByteCount
}
