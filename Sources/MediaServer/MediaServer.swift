// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import Logging
public import MediaEngine
public import NIOCore
public import SpeechDetection
internal import Synchronization

/// Carries calls: shards on event loops, admission, the directory, an orderly stop.
///
/// Usable from any thread. Adapters call `admit` on the event loop of the connection that brought the
/// call; the call lives on that loop to its end.
public final class MediaServer: Sendable {
    public struct Configuration: Sendable {
        /// Live calls at most; one more is refused. A call that costs more counts as several.
        public var maximumCalls: Int
        public var endpoints: EndpointProfile
        /// What an interruption takes and leads to, for bots that do not say it themselves.
        public var bargeIn: BargeInPolicy
        /// Whether the echo of the bot is taken out of the audio that bots are given, for those that
        /// do not say it themselves. A call with it counts as several.
        public var cleansAudio: Bool
        /// What bridges the wait for a bot that takes long to answer; nil: nothing does.
        public var filler: Filler?
        /// When calls are refused beside their number.
        public var admission: AdmissionPolicy

        public init(
            maximumCalls: Int = 2000, endpoints: EndpointProfile = .responsive,
            bargeIn: BargeInPolicy = BargeInPolicy(), cleansAudio: Bool = false,
            filler: Filler? = nil, admission: AdmissionPolicy = AdmissionPolicy()
        ) {
            self.filler = filler
            self.admission = admission
            self.maximumCalls = maximumCalls
            self.endpoints = endpoints
            self.bargeIn = bargeIn
            self.cleansAudio = cleansAudio
        }
    }

    public let configuration: Configuration
    public let directory: CallDirectory
    private let bots: any BotProvider
    private let logger: Logger
    private let shards: [ObjectIdentifier: NIOLoopBound<MediaShard>]
    private let loads: [ObjectIdentifier: ShardLoad]
    private let loops: [any EventLoop]
    private let clock: @Sendable () -> MediaInstant
    private let isDraining = Atomic<Bool>(false)
    let isHurried = Atomic<Bool>(false)
    private let refusals = Mutex<[AdmissionError: Int]>([:])

    /// Makes a shard on every loop of `group` and starts their ticks.
    public static func start(
        configuration: Configuration, bots: any BotProvider, group: any EventLoopGroup,
        logger: Logger, clock: @escaping @Sendable () -> MediaInstant = { MonotonicClock.now() }
    ) async throws -> MediaServer {
        let loops = Array(group.makeIterator())
        let directory = CallDirectory()
        var shards: [ObjectIdentifier: NIOLoopBound<MediaShard>] = [:]
        var loads: [ObjectIdentifier: ShardLoad] = [:]
        for loop in loops {
            let (shard, load) = try await loop.submit {
                let shard = MediaShard(
                    eventLoop: loop, directory: directory, logger: logger,
                    policy: configuration.admission, clock: clock)
                shard.startTicking()
                return (NIOLoopBound(shard, eventLoop: loop), shard.load)
            }.get()
            shards[ObjectIdentifier(loop)] = shard
            loads[ObjectIdentifier(loop)] = load
        }
        return MediaServer(
            configuration: configuration, bots: bots, logger: logger, directory: directory,
            shards: shards, loads: loads, loops: loops, clock: clock)
    }

    private init(
        configuration: Configuration, bots: any BotProvider, logger: Logger,
        directory: CallDirectory, shards: [ObjectIdentifier: NIOLoopBound<MediaShard>],
        loads: [ObjectIdentifier: ShardLoad], loops: [any EventLoop],
        clock: @escaping @Sendable () -> MediaInstant
    ) {
        self.loads = loads
        self.clock = clock
        self.configuration = configuration
        self.bots = bots
        self.logger = logger
        self.directory = directory
        self.shards = shards
        self.loops = loops
    }

    // MARK: Calls

    /// Why a new call would be refused now, as far as can be told before it is known; nil: it would
    /// be admitted.
    /// - Parameter eventLoop: the loop of its connection; nil asks for all: one that is overloaded
    ///   refuses, and who connects cannot choose.
    public func refusal(on eventLoop: (any EventLoop)? = nil) -> AdmissionError? {
        if isDraining.load(ordering: .relaxed) { return .draining }
        let now = clock()
        let isOverloaded =
            if let eventLoop {
                loads[ObjectIdentifier(eventLoop)]?.isOverloaded(at: now) ?? false
            } else {
                loads.values.contains { $0.isOverloaded(at: now) }
            }
        if isOverloaded { return .overloaded }
        return directory.shortage(
            weight: 1, byteCount: AdmissionPolicy.ordinaryByteCount, limits: limits)
    }

    /// Counts a call that was refused before it was known, by ``refusal(on:)``.
    public func count(_ refusal: AdmissionError) {
        refusals.withLock { $0[refusal, default: 0] += 1 }
    }

    private var limits: CallDirectory.Limits {
        CallDirectory.Limits(
            load: configuration.maximumCalls, byteCount: configuration.admission.memoryLimit)
    }

    /// Calls refused since the start, by reason; reasons that never occurred are left out.
    public var refusedCalls: [AdmissionError: Int] { refusals.withLock { $0 } }

    /// Begins a call on the current event loop.
    ///
    /// - Parameters:
    ///   - ingress: the platform's audio format, and which of its channels is heard.
    ///   - egress: nil where the platform takes no audio.
    ///   - platform: kept until the call ends or is detached.
    ///   - eventLoop: the loop the caller runs on; one of the server's.
    ///   - stallThreshold: nothing arriving for this long is reported.
    ///   - digitWindow: how far apart a key may be signalled by the platform and heard.
    ///   - completesCall: it is another side of a call that is live here. Lateness does not refuse
    ///     it: nobody is served by half.
    public func admit(
        _ info: CallInfo, ingress: AudioFormat, channel: Int = 0,
        egress: CallConfiguration.Egress?, stallThreshold: MediaDuration = .milliseconds(1000),
        digitWindow: MediaDuration = .milliseconds(500), completesCall: Bool = false,
        platform: any PlatformConnection, on eventLoop: any EventLoop
    ) throws(AdmissionError) -> CallSession {
        eventLoop.preconditionInEventLoop()
        guard let shard = shards[ObjectIdentifier(eventLoop)]?.value else {
            preconditionFailure("A call begins on one of the server's event loops")
        }
        do throws(AdmissionError) {
            return try admit(
                info, ingress: ingress, channel: channel, egress: egress,
                stallThreshold: stallThreshold, digitWindow: digitWindow,
                completesCall: completesCall, platform: platform, shard: shard)
        } catch {
            count(error)
            logger.info("call refused", metadata: ["call": "\(info.key)", "reason": "\(error)"])
            throw error
        }
    }

    private func admit(
        _ info: CallInfo, ingress: AudioFormat, channel: Int,
        egress: CallConfiguration.Egress?, stallThreshold: MediaDuration,
        digitWindow: MediaDuration, completesCall: Bool, platform: any PlatformConnection,
        shard: MediaShard
    ) throws(AdmissionError) -> CallSession {
        let refusal = refusal(on: shard.eventLoop)
        // Before a bot is made: one that is refused for what all have in common costs nothing.
        if let refusal, refusal != .overloaded || !completesCall { throw refusal }
        var info = info
        info.takesBotAudio = egress != nil
        guard let setup = bots.makeBot(for: info) else { throw .noSuchBot }
        let call = CallConfiguration(
            ingress: ingress, channel: channel, egress: egress, botRate: setup.rate,
            delivery: setup.delivery, endpoints: configuration.endpoints,
            bargeIn: setup.bargeIn ?? configuration.bargeIn,
            cleansAudio: setup.cleansAudio ?? configuration.cleansAudio,
            stallThreshold: stallThreshold, digitWindow: digitWindow)
        try directory.insert(
            info.key, on: shard.eventLoop, weight: call.weight,
            byteCount: AdmissionPolicy.declaredByteCount(of: call) + setup.byteCount,
            limits: limits)
        let session = CallSession(
            info: info, configuration: call, shard: shard, bot: setup.connector,
            platform: platform, filler: configuration.filler, now: shard.now())
        logger.info("call started", metadata: ["call": "\(info.key)"])
        shard.add(session)
        return session
    }

    /// The live call of that key; only on the event loop the directory names for it.
    public func session(for key: CallKey, on eventLoop: any EventLoop) -> CallSession? {
        eventLoop.preconditionInEventLoop()
        return shards[ObjectIdentifier(eventLoop)]?.value.session(for: key)
    }

    // MARK: Figures

    /// What each shard measured and counted since the start.
    public func shardStatistics() async throws -> [ShardStatistics] {
        var parts: [ShardStatistics] = []
        for loop in loops {
            guard let shard = shards[ObjectIdentifier(loop)] else { continue }
            parts.append(try await loop.submit { shard.value.snapshot }.get())
        }
        return parts
    }

    /// What all shards measured and counted since the start.
    public func statistics() async throws -> ShardStatistics {
        ShardStatistics(sum: try await shardStatistics())
    }

    // MARK: Stop

    /// Admits no more calls; live ones go on.
    public func beginDrain() {
        isDraining.store(true, ordering: .relaxed)
    }

    func forEachShard(_ body: @escaping @Sendable (MediaShard) -> Void) async throws {
        for loop in loops {
            guard let shard = shards[ObjectIdentifier(loop)] else { continue }
            try await loop.submit { body(shard.value) }.get()
        }
    }
}
