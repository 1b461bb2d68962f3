// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaEngine
internal import MediaServer
internal import Synchronization

/// What a bot asks of its call; carried to the shard in order.
enum VoiceCommand: Sendable {
    /// Responses are numbered by the bot, because the engine's own numbers are made on the shard.
    case begin(Int, allowsBargeIn: Bool)
    /// The next `count` samples of the audio ring belong to the response.
    case audio(Int, count: Int, rate: SampleRate)
    case endResponse(Int)
    case clear
    case veto(InterruptionID)
    case report(TurnOutcome)
    case listen(InputExpectation)
    case tell(CustomEvent)
    case end(CallEnding, afterPlayout: Bool)
}

/// What a call tells its bot. `after` is the number of caller samples that went before it.
enum VoiceNews: Sendable {
    case event(CallEvent, after: Int)
    case input(PlatformInput)
    case responseEnded(Int, ResponseAccount)
    /// The platform takes no audio, or too many responses wait.
    case responseRefused(Int)
    case callEnded(CallEndReason)
}

/// The shard's ends of the rings between a call and its bot.
struct VoiceShardEnd: ~Copyable {
    var callerAudio: SampleRing.Writer
    var news: EventRing<VoiceNews>.Writer
    var botAudio: SampleRing.Reader
    var commands: EventRing<VoiceCommand>.Reader
}

/// The bot's ends of the rings between a call and its bot.
struct VoiceBotEnd: ~Copyable {
    var callerAudio: SampleRing.Reader
    var news: EventRing<VoiceNews>.Reader
    var botAudio: SampleRing.Writer
    var commands: EventRing<VoiceCommand>.Writer
}

/// Rings in both directions between a call's shard and its bot's thread. Nobody waits on them.
struct VoiceLink: ~Copyable {
    /// Caller audio the bot may leave unread: 4 s.
    private static let callerAudioLimit = MediaDuration.milliseconds(4000)
    /// Bot audio on its way to the shard: 2 s at 48 kHz.
    private static let botAudioLimit = 96_000
    private static let messageLimit = 1024

    var shard: VoiceShardEnd
    var bot: VoiceBotEnd

    init(rate: SampleRate) {
        let capacity = rate.samples(in: Self.callerAudioLimit)
        let callerAudio = SampleRing(
            capacity: capacity, target: 0, overflow: .dropNewest)
        let botAudio = SampleRing(
            capacity: Self.botAudioLimit, target: Self.botAudioLimit / 2, overflow: .refuse)
        let news = EventRing<VoiceNews>(
            capacity: Self.messageLimit, target: 0, overflow: .dropNewest)
        let commands = EventRing<VoiceCommand>(
            capacity: Self.messageLimit, target: 0, overflow: .refuse)
        shard = VoiceShardEnd(
            callerAudio: callerAudio.writer, news: news.writer, botAudio: botAudio.reader,
            commands: commands.reader)
        bot = VoiceBotEnd(
            callerAudio: callerAudio.reader, news: news.reader, botAudio: botAudio.writer,
            commands: commands.writer)
    }
}

/// Wakes the other side, once until it has answered: many frames, one wake-up.
final class DoorBell: Sendable {
    private let isRung = Atomic<Bool>(false)
    private let wake: @Sendable () -> Void

    init(wake: @escaping @Sendable () -> Void) {
        self.wake = wake
    }

    func ring() {
        if !isRung.exchange(true, ordering: .acquiringAndReleasing) {
            wake()
        }
    }

    /// Call it before looking at the rings, so that nothing put in afterwards goes unnoticed.
    func answer() {
        isRung.store(false, ordering: .sequentiallyConsistent)
    }
}
