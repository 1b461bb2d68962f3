// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaEngine
internal import MediaServer
internal import NIOCore

/// The shard's side of a ``VoiceBot``: moves audio and messages between the call and the rings.
final class VoiceBotConnector: BotConnector {
    private let bot: any VoiceBot
    private let info: CallInfo
    private let rate: SampleRate
    private var end: VoiceShardEnd?
    private var botEnd: VoiceBotEnd?
    private var botBell: DoorBell?
    private var session: CallSession?
    private var task: Task<Void, Never>?
    private var responses: [(number: Int, id: ResponseID)] = []
    private var writtenCount = 0
    private var isStopped = false
    private var isWorking = false
    /// Bot audio taken from the ring that the call has no room for yet.
    private var held: [Int16] = []
    private var heldOffset = 0
    private var heldCount = 0
    /// The audio command under way: its response, samples left in the ring, their rate.
    private var incoming: (number: Int, left: Int, rate: SampleRate)?

    init(bot: any VoiceBot, info: CallInfo, rate: SampleRate) {
        self.bot = bot
        self.info = info
        self.rate = rate
        held = Array(repeating: 0, count: 960)
        let link = VoiceLink(rate: rate)
        let shardEnd = link.shard
        let otherEnd = link.bot
        end = consume shardEnd
        botEnd = consume otherEnd
    }

    func callStarted(_ session: CallSession) {
        self.session = session
        guard let botEnd = botEnd.take() else { return }
        let loop = session.eventLoop
        let connector = NIOLoopBound(self, eventLoop: loop)
        let shardBell = DoorBell { loop.execute { connector.value.answerBell() } }
        self.shardBell = shardBell
        let (bells, ringer) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let botBell = DoorBell { ringer.yield() }
        self.botBell = botBell
        let call = VoiceCall(
            info: info, rate: rate, end: botEnd, shardBell: shardBell, botBell: botBell)
        let bot = bot
        task = Task {
            let listener = Task {
                for await _ in bells { await call.answerBell() }
            }
            await call.carry(bot)
            listener.cancel()
        }
    }

    private var shardBell: DoorBell?

    func receive(_ audio: borrowing LinearAudio) {
        writtenCount += end?.callerAudio.write(audio.samples) ?? 0
        botBell?.ring()
    }

    func handle(_ event: CallEvent) {
        if case .responseEnded(let account) = event,
            let index = responses.firstIndex(where: { $0.id == account.id })
        {
            let number = responses.remove(at: index).number
            tell(.responseEnded(number, account))
        }
        tell(.event(event, after: writtenCount))
        if case .playoutWritable = event {
            work()
        }
    }

    func handle(_ input: PlatformInput) {
        tell(.input(input))
    }

    func callEnded(_ reason: CallEndReason) {
        isStopped = true
        tell(.callEnded(reason))
        task?.cancel()
        session = nil
        end = nil
    }

    private func tell(_ news: VoiceNews) {
        _ = end?.news.append(news)
        botBell?.ring()
    }

    private func answerBell() {
        shardBell?.answer()
        guard !isStopped else { return }
        work()
        session?.pump()
    }

    /// Carries out what the bot asked for, until it is done or the call's queue is full.
    private func work() {
        guard !isWorking else { return }
        isWorking = true
        defer { isWorking = false }
        while !isStopped {
            if incoming != nil {
                guard moveAudio() else { return }
                continue
            }
            guard let command = end?.commands.next() else { break }
            carryOut(command)
        }
        botBell?.ring()
    }

    private func carryOut(_ command: VoiceCommand) {
        switch command {
        case .begin(let number, let allowsBargeIn):
            if let id = session?.beginResponse(allowsBargeIn: allowsBargeIn) {
                responses.append((number, id))
            } else {
                tell(.responseRefused(number))
            }
        case .audio(let number, let count, let rate):
            incoming = (number, count, rate)
        case .endResponse(let number):
            if let id = id(of: number) { session?.endResponse(id) }
        case .clear:
            session?.clear()
        case .veto(let interruption):
            session?.veto(interruption)
        case .report(let outcome):
            session?.report(outcome)
        case .listen(let expectation):
            session?.listen(for: expectation)
        case .tell(let event):
            session?.send(event)
        case .end(let ending, let afterPlayout):
            if afterPlayout {
                session?.endAfterPlayout(ending)
            } else {
                session?.endNow(ending)
            }
        }
    }

    private func id(of number: Int) -> ResponseID? {
        responses.first { $0.number == number }?.id
    }

    /// - Returns: false when the call's queue is full: `playoutWritable` goes on from here.
    private func moveAudio() -> Bool {
        guard let audio = incoming else { return true }
        if heldOffset == heldCount {
            fetch(audio.left)
        }
        guard heldCount > heldOffset else {
            incoming = nil
            return true
        }
        var taken = heldCount - heldOffset
        if let id = id(of: audio.number), let session, session.isOpen(id) {
            // Taken out for the moment: playing may call back into this object.
            var samples: [Int16] = []
            swap(&samples, &held)
            taken = session.play(
                LinearAudio(samples.span.extracting(heldOffset..<heldCount), rate: audio.rate),
                in: id)
            swap(&samples, &held)
            guard taken > 0 || !session.isOpen(id) else { return false }
            if taken == 0 { taken = heldCount - heldOffset }
        }
        heldOffset += taken
        incoming?.left -= taken
        if incoming?.left == 0 { incoming = nil }
        return true
    }

    private func fetch(_ limit: Int) {
        var buffer: [Int16] = []
        swap(&buffer, &held)
        if limit < buffer.count {
            var part = [Int16](repeating: 0, count: limit)
            heldCount = read(into: &part)
            for index in 0..<heldCount { buffer[index] = part[index] }
        } else {
            heldCount = read(into: &buffer)
        }
        heldOffset = 0
        held = buffer
    }

    private func read(into buffer: inout [Int16]) -> Int {
        var room = buffer.mutableSpan
        return end?.botAudio.read(into: &room) ?? 0
    }
}
