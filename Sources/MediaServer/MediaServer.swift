// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import Logging
public import MediaEngine
public import NIOCore
public import SpeechDetection
internal import Synchronization

/// Why a call was not admitted. The adapter says it in its platform's way.
public enum AdmissionError: Error, Hashable, Sendable {
    /// The server is stopping.
    case draining
    /// As many calls as allowed are live.
    case atCapacity
    /// The conversation already has a live call.
    case alreadyLive
    /// No bot answers to what the platform asked for.
    case noSuchBot
}

/// Carries calls: shards on event loops, admission, the directory, an orderly stop.
///
/// Usable from any thread. Adapters call ``admit(_:ingress:egress:platform:on:)`` on the event
/// loop of the connection that brought the call; the call lives on that loop to its end.
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

        public init(
            maximumCalls: Int = 2000, endpoints: EndpointProfile = .responsive,
            bargeIn: BargeInPolicy = BargeInPolicy(), cleansAudio: Bool = false
        ) {
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
    private let loops: [any EventLoop]
    private let isDraining = Atomic<Bool>(false)
    private let refusals = Atomic<Int>(0)

    /// Makes a shard on every loop of `group` and starts their ticks.
    public static func start(
        configuration: Configuration, bots: any BotProvider, group: any EventLoopGroup,
        logger: Logger, clock: @escaping @Sendable () -> MediaInstant = { MonotonicClock.now() }
    ) async throws -> MediaServer {
        let loops = Array(group.makeIterator())
        let directory = CallDirectory()
        var shards: [ObjectIdentifier: NIOLoopBound<MediaShard>] = [:]
        for loop in loops {
            shards[ObjectIdentifier(loop)] = try await loop.submit {
                let shard = MediaShard(
                    eventLoop: loop, directory: directory, logger: logger, clock: clock)
                shard.startTicking()
                return NIOLoopBound(shard, eventLoop: loop)
            }.get()
        }
        return MediaServer(
            configuration: configuration, bots: bots, logger: logger, directory: directory,
            shards: shards, loops: loops)
    }

    private init(
        configuration: Configuration, bots: any BotProvider, logger: Logger,
        directory: CallDirectory, shards: [ObjectIdentifier: NIOLoopBound<MediaShard>],
        loops: [any EventLoop]
    ) {
        self.configuration = configuration
        self.bots = bots
        self.logger = logger
        self.directory = directory
        self.shards = shards
        self.loops = loops
    }

    // MARK: Calls

    /// Whether a new call would be admitted now, as far as can be told before it is known.
    public var admitsCalls: Bool {
        !isDraining.load(ordering: .relaxed) && directory.load < configuration.maximumCalls
    }

    /// Calls refused since the start.
    public var refusedCount: Int { refusals.load(ordering: .relaxed) }

    /// Begins a call on the current event loop.
    ///
    /// - Parameters:
    ///   - ingress: the platform's audio format, and which of its channels is heard.
    ///   - egress: nil where the platform takes no audio.
    ///   - platform: kept until the call ends or is detached.
    ///   - eventLoop: the loop the caller runs on; one of the server's.
    ///   - stallThreshold: nothing arriving for this long is reported.
    ///   - digitWindow: how far apart a key may be signalled by the platform and heard.
    public func admit(
        _ info: CallInfo, ingress: AudioFormat, channel: Int = 0,
        egress: CallConfiguration.Egress?, stallThreshold: MediaDuration = .milliseconds(1000),
        digitWindow: MediaDuration = .milliseconds(500),
        platform: any PlatformConnection, on eventLoop: any EventLoop
    ) throws(AdmissionError) -> CallSession {
        eventLoop.preconditionInEventLoop()
        guard let shard = shards[ObjectIdentifier(eventLoop)]?.value else {
            preconditionFailure("A call begins on one of the server's event loops")
        }
        do throws(AdmissionError) {
            return try admit(
                info, ingress: ingress, channel: channel, egress: egress,
                stallThreshold: stallThreshold, digitWindow: digitWindow, platform: platform,
                shard: shard)
        } catch {
            refusals.add(1, ordering: .relaxed)
            logger.info("call refused", metadata: ["call": "\(info.key)", "reason": "\(error)"])
            throw error
        }
    }

    private func admit(
        _ info: CallInfo, ingress: AudioFormat, channel: Int,
        egress: CallConfiguration.Egress?, stallThreshold: MediaDuration,
        digitWindow: MediaDuration, platform: any PlatformConnection, shard: MediaShard
    ) throws(AdmissionError) -> CallSession {
        guard !isDraining.load(ordering: .relaxed) else { throw .draining }
        var info = info
        info.takesBotAudio = egress != nil
        guard let setup = bots.makeBot(for: info) else { throw .noSuchBot }
        let call = CallConfiguration(
            ingress: ingress, channel: channel, egress: egress, botRate: setup.rate,
            delivery: setup.delivery, endpoints: configuration.endpoints,
            bargeIn: setup.bargeIn ?? configuration.bargeIn,
            cleansAudio: setup.cleansAudio ?? configuration.cleansAudio,
            stallThreshold: stallThreshold, digitWindow: digitWindow)
        switch directory.insert(
            info.key, on: shard.eventLoop, weight: call.weight, limit: configuration.maximumCalls)
        {
        case .inserted: break
        case .taken: throw .alreadyLive
        case .full: throw .atCapacity
        }
        let session = CallSession(
            info: info, configuration: call, shard: shard, bot: setup.connector,
            platform: platform, now: shard.now())
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

    /// What all shards measured and counted since the start.
    public func statistics() async throws -> ShardStatistics {
        var sum: ShardStatistics?
        for loop in loops {
            guard let shard = shards[ObjectIdentifier(loop)] else { continue }
            let part = try await loop.submit { shard.value.snapshot }.get()
            if sum == nil {
                sum = part
            } else {
                sum?.add(part)
            }
        }
        return sum ?? ShardStatistics()
    }

    // MARK: Stop

    /// Admits no more calls; live ones go on.
    public func beginDrain() {
        isDraining.store(true, ordering: .relaxed)
    }

    /// Refuses new calls, ends those without a connection, waits up to `deadline` for the others,
    /// then ends the rest politely.
    public func stop(deadline: MediaDuration) async throws {
        beginDrain()
        try await forEachShard { shard in
            // Nobody is on the line of a call that waits for its connection to come back.
            shard.forEachSession { if $0.isDetached { $0.end(.serverStopped) } }
        }
        let end = MonotonicClock.now() + deadline
        while directory.count > 0, MonotonicClock.now() < end {
            try await Task.sleep(nanoseconds: 20_000_000)
        }
        try await forEachShard { shard in
            shard.forEachSession { $0.endNow(CallEnding(.failed, info: "server stopping")) }
        }
        let grace = MonotonicClock.now() + .milliseconds(1000)
        while directory.count > 0, MonotonicClock.now() < grace {
            try await Task.sleep(nanoseconds: 20_000_000)
        }
        try await forEachShard { shard in
            shard.forEachSession { $0.end(.serverStopped) }
            shard.stopTicking()
        }
    }

    private func forEachShard(_ body: @escaping @Sendable (MediaShard) -> Void) async throws {
        for loop in loops {
            guard let shard = shards[ObjectIdentifier(loop)] else { continue }
            try await loop.submit { body(shard.value) }.get()
        }
    }
}
