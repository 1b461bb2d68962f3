// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import MediaEngine
public import MediaServer

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

/// A response under way; see ``VoiceCall/beginResponse()``.
public struct VoiceResponse: Hashable, Sendable {
    let number: Int
}

/// A bot's side of a call, for `async` code on any thread.
///
/// Audio crosses to and from the call's shard by rings, so nothing here holds up a call. Events
/// come by ``events``; what the caller said comes by ``nextTurn()`` or ``nextCallerAudio()``.
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

    private var end: VoiceBotEnd
    private let shardBell: DoorBell
    private let botBell: DoorBell
    private let eventSink: AsyncStream<CallEvent>.Continuation
    private var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    private var waiterCount = 0
    private var responseCount = 0
    private var accounts: [Int: Result<ResponseAccount, VoiceCallError>] = [:]
    private var turns: [CallerTurn] = []
    private var turnAudio: [Int16] = []
    private var isInTurn = false
    private var streamed: [Int16] = []
    private var isStreaming = false
    private var digits: [DTMFDigit] = []
    private var readCount = 0
    private var reason: CallEndReason?

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
    }

    func carry(_ bot: any VoiceBot) async {
        do {
            try await bot.run(self)
            end(CallEnding(.completed), afterPlayout: true)
        } catch {
            end(CallEnding(.failed, info: "the bot failed: \(error)"), afterPlayout: false)
        }
    }

    // MARK: Hearing

    /// The caller's next turn, once it is confirmed to be over; nil when the call is over.
    public func nextTurn() async -> CallerTurn? {
        while turns.isEmpty {
            guard await wait() else { return nil }
        }
        return turns.removeFirst()
    }

    /// The caller's audio as it comes, in turns; nil when the call is over.
    ///
    /// What arrived before the first call of this is not repeated. Audio that is not fetched for 4 s
    /// is dropped, the newest first.
    public func nextCallerAudio() async -> AudioClip? {
        isStreaming = true
        takeNews()
        while streamed.isEmpty {
            guard await wait() else { return nil }
        }
        defer { streamed.removeAll(keepingCapacity: true) }
        return AudioClip(rate: rate, samples: streamed)
    }

    /// Collects keys until there are `most`, until `terminator` (not part of the result), or until
    /// none came for `first` (before the first key) or `between` (after one).
    public func collectDigits(
        most: Int, terminator: DTMFDigit? = DTMFDigit("#"),
        first: Duration = .seconds(8), between: Duration = .seconds(4)
    ) async -> [DTMFDigit] {
        var collected: [DTMFDigit] = []
        while collected.count < most {
            let deadline = ContinuousClock.now + (collected.isEmpty ? first : between)
            while digits.isEmpty {
                guard await wait(until: deadline), ContinuousClock.now < deadline else {
                    return collected
                }
            }
            let digit = digits.removeFirst()
            if digit == terminator { break }
            collected.append(digit)
        }
        return collected
    }

    // MARK: Speaking

    /// Plays `clip` after what is playing, and waits until it was heard or cleared.
    @discardableResult
    public func play(
        _ clip: AudioClip, allowsBargeIn: Bool = true
    ) async throws(VoiceCallError) -> ResponseAccount {
        let response = beginResponse(allowsBargeIn: allowsBargeIn)
        try await write(clip, to: response)
        return try await finish(response)
    }

    /// Begins a response whose audio follows bit by bit.
    /// - Parameter allowsBargeIn: whether the caller's voice may interrupt it.
    public func beginResponse(allowsBargeIn: Bool = true) -> VoiceResponse {
        responseCount += 1
        send(.begin(responseCount, allowsBargeIn: allowsBargeIn))
        return VoiceResponse(number: responseCount)
    }

    /// Adds audio to a response; waits while the call's queue is full.
    ///
    /// Audio for a response that was cleared is dropped, which ``finish(_:)`` tells.
    public func write(_ clip: AudioClip, to response: VoiceResponse) async throws(VoiceCallError) {
        var offset = 0
        while offset < clip.samples.count {
            try checkLive()
            guard accounts[response.number] == nil else { return }
            let written = end.botAudio.write(clip.samples.span.extracting(offset...))
            if written > 0 {
                send(.audio(response.number, count: written, rate: clip.rate))
                offset += written
            } else {
                _ = await wait()
            }
        }
    }

    /// Says that nothing more comes, and waits until the response was heard or cleared.
    @discardableResult
    public func finish(_ response: VoiceResponse) async throws(VoiceCallError) -> ResponseAccount {
        send(.endResponse(response.number))
        while accounts[response.number] == nil {
            try checkLive()
            _ = await wait()
        }
        guard let account = accounts.removeValue(forKey: response.number) else {
            throw VoiceCallError.responseRefused
        }
        return try account.get()
    }

    /// Stops the bot at once.
    public func clear() {
        send(.clear)
    }

    /// Tells the platform what the bot made of the caller's turn, where the platform listens.
    public func report(_ outcome: TurnOutcome) {
        send(.report(outcome))
    }

    // MARK: Ending

    /// Hands the caller over once everything was heard.
    public func transfer(to destination: String, outputs: [String: String] = [:]) {
        end(
            CallEnding(.transfer(destination: destination), outputs: outputs), afterPlayout: true)
    }

    /// Ends the call, by default once everything was heard.
    public func end(_ ending: CallEnding = CallEnding(.completed), afterPlayout: Bool = true) {
        send(.end(ending, afterPlayout: afterPlayout))
    }

    // MARK: The link

    private func send(_ command: VoiceCommand) {
        guard reason == nil else { return }
        _ = end.commands.append(command)
        shardBell.ring()
    }

    private func checkLive() throws(VoiceCallError) {
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
    private func wait(until deadline: ContinuousClock.Instant? = nil) async -> Bool {
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

    private func takeNews() {
        while let news = end.news.next() {
            switch news {
            case .event(let event, let after):
                takeAudio(until: after)
                note(event)
            case .responseEnded(let number, let account):
                accounts[number] = .success(account)
            case .responseRefused(let number):
                accounts[number] = .failure(.responseRefused)
            case .callEnded(let ended):
                reason = ended
                eventSink.finish()
            }
        }
        takeAudio(until: .max)
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
        case .digit(let digit):
            if digits.count < Self.digitLimit { digits.append(digit) }
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
