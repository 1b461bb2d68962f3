// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import MediaEngine
public import MediaServer
internal import Synchronization

/// Why a call could not do what its bot asked.
public enum VoiceCallError: Error, Hashable, Sendable {
    /// The call is over.
    case callEnded(CallEndReason)
    /// The platform takes no audio, or too many responses wait.
    case responseRefused
}

/// What the caller said in one turn.
public struct CallerTurn: Sendable {
    public let turn: Turn
    /// From shortly before the onset to the confirmed end.
    public let audio: AudioClip
}

/// A response under way; see ``VoiceCall/beginResponse(allowsBargeIn:)``.
public struct VoiceResponse: Hashable, Sendable {
    let number: Int
}

/// A bot's side of a call, for `async` code on any thread.
///
/// Audio crosses to and from the call's shard by rings, so nothing here holds up a call. Events
/// come by ``events``; what the caller said comes by ``nextTurn(for:)`` or ``nextCallerAudio()``.
///
/// Some platforms take an answer as a unit and must be told when it is complete. Waiting by
/// ``nextTurn(for:)`` or ``collectDigits(most:terminator:first:between:isSensitive:)`` with no
/// response unfinished tells them; a bot that hears by ``nextCallerAudio()`` or ``events`` says it
/// itself, by ``listen(for:)``.
public actor VoiceCall {
    /// A turn's audio is kept up to this length; what follows is not.
    private static let longestTurn = MediaDuration.milliseconds(60_000)
    private static let turnLimit = 16
    private static let digitLimit = 256

    public nonisolated let info: CallInfo
    /// Rate of the caller's audio.
    public nonisolated let rate: SampleRate
    /// Everything that happens on the call. One task may iterate it; events older than the last
    /// 256 that nobody took are dropped.
    public nonisolated let events: AsyncStream<CallEvent>

    var end: VoiceBotEnd
    private let inputStream: AsyncStream<PlatformInput>
    private let inputSink: AsyncStream<PlatformInput>.Continuation
    private let takesInputs = Atomic<Bool>(false)
    private let shardBell: DoorBell
    private let botBell: DoorBell
    private let eventSink: AsyncStream<CallEvent>.Continuation
    private var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    private var waiterCount = 0
    var responseCount = 0
    var accounts: [Int: Result<ResponseAccount, VoiceCallError>] = [:]
    var turns: [CallerTurn] = []
    private var turnAudio: [Int16] = []
    private var isInTurn = false
    var streamed: [Int16] = []
    var isStreaming = false
    /// What was pressed and not collected yet.
    var keys: [KeyInput] = []
    private var keysOfInput = 0
    /// Responses that the bot is still adding to.
    var unfinished: Set<Int> = []
    /// Waits for the caller that are under way, the latest last.
    private var pending: [InputWait] = []
    /// Something happened since the platform was last told that the bot listens.
    var owesListen = false
    private var readCount = 0
    var reason: CallEndReason?

    init(
        info: CallInfo, rate: SampleRate, end: consuming VoiceBotEnd, shardBell: DoorBell,
        botBell: DoorBell
    ) {
        self.info = info
        self.rate = rate
        self.end = end
        self.shardBell = shardBell
        self.botBell = botBell
        (events, eventSink) = AsyncStream.makeStream(
            of: CallEvent.self, bufferingPolicy: .bufferingNewest(256))
        (inputStream, inputSink) = AsyncStream.makeStream(
            of: PlatformInput.self, bufferingPolicy: .bufferingNewest(64))
    }

    /// What the platform tells beside audio and keys. One task may iterate it; inputs older than
    /// the last 64 that nobody took are dropped.
    ///
    /// Whoever takes them answers them: by a response or by ``listen(for:)``. For a bot that never
    /// asks for this stream an input is answered with going on to listen.
    public nonisolated var inputs: AsyncStream<PlatformInput> {
        takesInputs.store(true, ordering: .relaxed)
        return inputStream
    }

    func carry(_ bot: any VoiceBot) async {
        do {
            try await bot.run(self)
            end(CallEnding(.completed), afterPlayout: true)
        } catch {
            end(CallEnding(.failed, info: "the bot failed: \(error)"), afterPlayout: false)
        }
    }

    // MARK: Waiting for the caller

    /// Tells the platform that the bot listens, unless something is still to be said.
    func beginWait(for expectation: InputExpectation, _ kind: InputWait.Kind) -> Int {
        takeNews()
        waiterCount += 1
        pending.append(InputWait(number: waiterCount, kind: kind, expectation: expectation))
        owesListen = true
        sayListen()
        return waiterCount
    }

    func endWait(_ number: Int) {
        pending.removeAll { $0.number == number }
        if pending.isEmpty { owesListen = false }
    }

    /// Says it once everything was said; not while an answer is under way to what just came.
    func sayListen() {
        let isAnswering = pending.contains { wait in
            wait.kind == .turn ? !turns.isEmpty : !keys.isEmpty
        }
        guard owesListen, unfinished.isEmpty, !isAnswering,
            let expectation = pending.last?.expectation
        else { return }
        owesListen = false
        send(.listen(expectation))
    }

    private func isWaiting(for kind: InputWait.Kind) -> Bool {
        pending.contains { $0.kind == kind }
    }

    // MARK: The link

    func send(_ command: VoiceCommand) {
        guard reason == nil else { return }
        _ = end.commands.append(command)
        shardBell.ring()
    }

    func checkLive() throws(VoiceCallError) {
        if let reason { throw .callEnded(reason) }
    }

    func answerBell() {
        botBell.answer()
        takeNews()
        let woken = waiters.values
        waiters = [:]
        for waiter in woken { waiter.resume() }
    }

    /// Suspends until something has happened or `deadline` has come.
    /// - Returns: false when the call is over or the task is cancelled.
    func wait(until deadline: ContinuousClock.Instant? = nil) async -> Bool {
        takeNews()
        guard reason == nil, !Task.isCancelled else { return false }
        waiterCount += 1
        let number = waiterCount
        let alarm = deadline.map { deadline in
            Task {
                try await Task.sleep(until: deadline)
                wake(number)
            }
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiters[number] = $0 }
        } onCancel: {
            Task { await self.wake(number) }
        }
        alarm?.cancel()
        return reason == nil && !Task.isCancelled
    }

    private func wake(_ number: Int) {
        waiters.removeValue(forKey: number)?.resume()
    }

    func takeNews() {
        while let news = end.news.next() {
            switch news {
            case .event(let event, let after):
                takeAudio(until: after)
                note(event)
            case .input(let input):
                note(input)
            case .responseEnded(let number, let account):
                unfinished.remove(number)
                accounts[number] = .success(account)
            case .responseRefused(let number):
                unfinished.remove(number)
                accounts[number] = .failure(.responseRefused)
            case .callEnded(let ended):
                reason = ended
                eventSink.finish()
                inputSink.finish()
            }
        }
        takeAudio(until: .max)
        sayListen()
    }

    private func note(_ input: PlatformInput) {
        var isTaken = takesInputs.load(ordering: .relaxed)
        switch input {
        case .digitsCompleted:
            add(.completed(isEmpty: keysOfInput == 0))
            keysOfInput = 0
            isTaken = isTaken || isWaiting(for: .keys)
        case .noInput where isWaiting(for: .keys):
            add(.completed(isEmpty: true))
            isTaken = true
        case .noInput, .custom:
            break
        }
        if !isTaken { owesListen = true }
        inputSink.yield(input)
    }

    private func add(_ key: KeyInput) {
        if keys.count < Self.digitLimit { keys.append(key) }
    }

    private func note(_ event: CallEvent) {
        switch event {
        case .speechStarted:
            isInTurn = true
            turnAudio.removeAll(keepingCapacity: true)
        case .turnEnded(let turn):
            isInTurn = false
            if turns.count < Self.turnLimit {
                turns.append(
                    CallerTurn(turn: turn, audio: AudioClip(rate: rate, samples: turnAudio)))
            }
            if !isWaiting(for: .turn) { owesListen = true }
        case .digit(let digit):
            keysOfInput += 1
            add(.key(digit))
        default:
            break
        }
        eventSink.yield(event)
    }

    private func takeAudio(until count: Int) {
        var buffer = [Int16](repeating: 0, count: 960)
        while readCount < count {
            let limit = min(buffer.count, count - readCount)
            let read: Int
            do {
                var part = limit < buffer.count ? Array(buffer[0..<limit]) : buffer
                var room = part.mutableSpan
                read = end.callerAudio.read(into: &room)
                buffer.replaceSubrange(0..<read, with: part[0..<read])
            }
            guard read > 0 else { return }
            readCount += read
            if isInTurn, turnAudio.count < rate.samples(in: Self.longestTurn) {
                turnAudio.append(contentsOf: buffer[0..<read])
            }
            if isStreaming, streamed.count < rate.samples(in: .milliseconds(4000)) {
                streamed.append(contentsOf: buffer[0..<read])
            }
        }
    }
}
