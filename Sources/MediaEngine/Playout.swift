// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// The bot's direction of one call: resampling and encoding at the door, queue, pacing, account.
///
/// Owned by its ``Call``. Allocates only in `init`, when a response changes the bot's rate, and
/// when the pool grows.
struct Playout: ~Copyable {
    static let sliceLength = 240
    /// Audio held back from an unfinished response, to fade out if nothing follows: 5 ms.
    static let fadeLength = MediaDuration.milliseconds(5)
    /// With less than this left to play the tail that was held back goes out faded.
    static let tailDeadline = MediaDuration.milliseconds(30)

    /// With less than this left to play the rest of a finished response goes out, however short.
    static let restDeadline = MediaDuration.milliseconds(100)

    let format: AudioFormat
    let pacing: PacingProfile
    let capacity: Int
    var queue: PlayoutQueue
    var table = ResponseTable()
    var sentAudio: SentAudio
    var budget: PacketBudget
    var marks = MarkList()
    var ledger = EgressLedger()
    var generation = Generation(number: 0)
    var hasRefused = false
    /// The platform may still be playing something of the current generation.
    var mayBePlaying = false
    /// Nothing leaves until the bot is cleared or goes on.
    private(set) var isHeld = false
    var farEnd: FarEndReference
    var farEndAnchor: FarEndAnchor
    var farEndConverter: FarEndConverter
    private var nextResponse: UInt32 = 1
    private var resampler: Resampler
    private var sourceRate: SampleRate
    /// The response whose samples the resampler holds.
    private var resampled: ResponseID?
    private var linear: [Int16]
    private var encoded: [UInt8]

    init(
        _ egress: CallConfiguration.Egress, configuration: CallConfiguration,
        pool: AudioBlockPool, now: MediaInstant
    ) {
        format = egress.format
        pacing = egress.pacing
        let rate = egress.format.rate
        capacity =
            rate.samples(in: configuration.playoutCapacity) * egress.format.bytesPerFrame
        queue = PlayoutQueue(pool: pool, keepsRead: configuration.bargeIn.mode == .pause)
        sentAudio = SentAudio(rate: rate, now: now)
        budget = PacketBudget(profile: egress.pacing, now: now)
        farEnd = FarEndReference(pool: pool, offsetLimit: egress.pacing.playbackOffsetLimit)
        farEndAnchor = FarEndAnchor(rate: configuration.ingress.rate)
        farEndConverter = FarEndConverter(from: egress.format)
        resampler = Resampler(from: configuration.botRate, to: rate)
        sourceRate = configuration.botRate
        let longest = Resampler.maximumOutputCount(
            for: Self.sliceLength, from: .hz8000, to: rate)
        linear = Array(repeating: 0, count: longest)
        encoded = Array(repeating: 0, count: longest * 2)
    }

    /// Whether the caller is hearing the bot, as far as is known.
    func isAudible(at now: MediaInstant) -> Bool {
        sentAudio.playheadEnd > now
    }

    /// Whether the caller is hearing something that their voice may interrupt.
    mutating func isInterruptible(at now: MediaInstant) -> Bool {
        guard let response = sentAudio.response(heardAt: now) else { return false }
        return table.index(of: response).map { table.entries[$0].allowsBargeIn } ?? true
    }

    /// The same where a platform was found to play `offset` samples of 8 kHz later than estimated.
    mutating func isInterruptible(at now: MediaInstant, offset: Int64) -> Bool {
        if isInterruptible(at: now) { return true }
        guard offset > 0, !isAudible(at: now) else { return false }
        return farEnd.allowsBargeIn(at: FarEndReference.place(of: now) - offset) ?? false
    }

    /// When there is something to do or to tell; nil when nothing of the bot is under way.
    /// Mutating in name only, as some others are: else the compiler copies all of self for the call.
    mutating func deadline(after now: MediaInstant) -> MediaInstant? {
        guard table.count > 0 else { return sentAudio.nextEnd }
        guard marks.isEmpty, !isHeld, let heard = sentAudio.nextEnd else { return now }
        guard queue.count > 0 || hasUnsentResponses else { return heard }
        // A whole packet waits for its lead. Else packets run dry or go out short, at times that only
        // looking at them tells.
        guard let lead = pacing.lead, pacing.joinsResponses,
            queue.count >= format.rate.samples(in: pacing.packet) * format.bytesPerFrame
        else { return now }
        return min(heard, sentAudio.playheadEnd - (lead - pacing.packet))
    }

    /// Time until the caller will have heard all there is.
    func remainder(at now: MediaInstant) -> MediaDuration {
        sentAudio.lead(at: now) + format.rate.duration(of: queue.count / format.bytesPerFrame)
    }

    /// Whether a response is unfinished or not wholly handed to the platform.
    var hasUnsentResponses: Bool {
        for index in 0..<table.count
        where !table.entries[index].isComplete || table.entries[index].queued > 0 {
            return true
        }
        return false
    }

    /// A response was begun and not ended.
    var hasOpenResponse: Bool {
        for index in 0..<table.count where !table.entries[index].isComplete { return true }
        return false
    }

    /// Takes the echo of what the caller heard out of what the bot is given, if that is wanted.
    mutating func cleanAudio(of ingress: inout Ingress) {
        ingress.clean(hearing: self)
    }

    // MARK: The door

    mutating func beginResponse(allowsBargeIn: Bool, isFiller: Bool) -> ResponseID? {
        guard !table.isFull else { return nil }
        let id = ResponseID(number: nextResponse)
        nextResponse &+= 1
        table.append(
            ResponseAccount(id: id, generation: generation), allowsBargeIn: allowsBargeIn,
            isFiller: isFiller)
        return id
    }

    /// Takes as much of `audio` as there is room for.
    /// - Returns: samples taken, at the audio's own rate.
    mutating func accept(_ audio: borrowing LinearAudio, in id: ResponseID, now: MediaInstant)
        -> Int
    {
        guard let index = table.index(of: id), !table.entries[index].isComplete else {
            ledger.refusedStale += audio.samples.count
            return 0
        }
        prepareResampler(for: id, rate: audio.rate)
        var taken = 0
        while taken < audio.samples.count {
            let length = min(audio.samples.count - taken, slice(at: audio.rate))
            let output = resampler.outputCount(for: length)
            guard queue.count + output * format.bytesPerFrame <= capacity else { break }
            var samples = takeLinear()
            let written: Int
            do {
                var room = samples.mutableSpan
                written = resampler.process(
                    audio.samples.extracting(taken..<(taken + length)), into: &room)
            }
            let isQueued = enqueue(samples, count: written, at: index, now: now)
            linear = samples
            guard isQueued else { break }
            taken += length
        }
        if taken < audio.samples.count {
            ledger.refusedFull += audio.samples.count - taken
            hasRefused = true
        }
        return taken
    }

    /// The bot adds no more to the response.
    mutating func endResponse(_ id: ResponseID, now: MediaInstant) {
        guard let index = table.index(of: id), !table.entries[index].isComplete else { return }
        if resampled == id {
            var samples = takeLinear()
            let written: Int
            do {
                var room = samples.mutableSpan
                written = resampler.flush(into: &room)
            }
            _ = enqueue(samples, count: written, at: index, now: now)
            linear = samples
            resampled = nil
        }
        table.entries[index].isComplete = true
    }

    /// The next response that was handed to the platform whole, once each and in order.
    mutating func takeSent() -> ResponseID? {
        for index in 0..<table.count {
            guard table.entries[index].isComplete, table.entries[index].queued == 0 else { break }
            guard !table.entries[index].isSent else { continue }
            table.entries[index].isSent = true
            return table.entries[index].account.id
        }
        return nil
    }

    private mutating func prepareResampler(for id: ResponseID, rate: SampleRate) {
        if rate != sourceRate {
            resampler = Resampler(from: rate, to: format.rate)
            sourceRate = rate
            let longest = Resampler.maximumOutputCount(
                for: slice(at: rate), from: rate, to: format.rate)
            if longest > linear.count {
                linear = Array(repeating: 0, count: longest)
                encoded = Array(repeating: 0, count: longest * 2)
            }
        } else if resampled != id {
            resampler.reset()
        }
        resampled = id
    }

    /// Slices of up to 5 ms at 48 kHz, fewer samples at low rates so that the output stays small.
    private func slice(at rate: SampleRate) -> Int {
        min(Self.sliceLength, max(40, rate.hertz / 200))
    }

    private mutating func enqueue(
        _ samples: [Int16], count: Int, at index: Int, now: MediaInstant
    ) -> Bool {
        guard count > 0 else { return true }
        var bytes: [UInt8] = []
        swap(&bytes, &encoded)
        let length: Int
        do {
            var room = bytes.mutableSpan
            length = AudioCodec.encode(
                LinearAudio(samples.span.extracting(0..<count), rate: format.rate),
                as: format.encoding, into: &room)
        }
        let isQueued = queue.append(bytes.span.extracting(0..<length))
        encoded = bytes
        guard isQueued else { return false }
        if table.entries[index].firstAccepted == nil {
            table.entries[index].firstAccepted = now
        }
        table.entries[index].lastAccepted = now
        table.entries[index].queued += count
        table.entries[index].account.accepted += count
        ledger.accepted += count
        return true
    }

    /// Taken out for the moment: a span of a stored array would lock all of self.
    private mutating func takeLinear() -> [Int16] {
        var taken: [Int16] = []
        swap(&taken, &linear)
        return taken
    }

    // MARK: The account

    var currentLedger: EgressLedger {
        var current = ledger
        current.queued = queue.count / format.bytesPerFrame
        current.inFlight = sentAudio.count
        return current
    }

    /// Books everything heard by `now`.
    mutating func settle(at now: MediaInstant, isConfirmed: Bool = false) {
        while let (response, count) = sentAudio.popHeard(by: now) {
            ledger.heard += count
            queue.release(count * format.bytesPerFrame)
            guard let index = table.index(of: response) else { continue }
            table.entries[index].account.heard += count
            if isConfirmed, sentAudio.isEmpty {
                table.entries[index].account.basis = .confirmed
            }
        }
    }

    /// The first response, if the caller has heard all of it.
    mutating func popFinished() -> ResponseAccount? {
        guard table.count > 0 else { return nil }
        let entry = table.entries[0]
        guard entry.isComplete, entry.queued == 0,
            entry.account.heard + entry.account.flushed + entry.account.returned
                == entry.account.sent
        else { return nil }
        return table.removeFirst().account
    }

    /// Drops everything queued and everything the platform has, and begins a new generation.
    mutating func clear(at now: MediaInstant) {
        settle(at: now)
        while let (response, count) = sentAudio.popFlushed(now: now) {
            ledger.flushed += count
            if let index = table.index(of: response) {
                table.entries[index].account.flushed += count
            }
        }
        for index in 0..<table.count {
            let account = table.entries[index].account
            let wasHeard = table.entries[index].isSent && account.heard == account.accepted
            table.entries[index].account.discarded += table.entries[index].queued
            ledger.discarded += table.entries[index].queued
            table.entries[index].queued = 0
            table.entries[index].isComplete = true
            table.entries[index].isSent = true
            table.entries[index].account.wasCleared = !wasHeard
        }
        queue.removeAll()
        farEnd.clear(at: now)
        isHeld = false
        resampled = nil
        generation = generation.next
    }

    /// Takes back what the platform has and lets nothing leave, until ``resume()`` or a clear.
    ///
    /// The generation goes on: the same audio may be sent again.
    mutating func hold(at now: MediaInstant) {
        settle(at: now)
        while let (response, count) = sentAudio.popFlushed(now: now) {
            ledger.returned += count
            guard let index = table.index(of: response) else { continue }
            table.entries[index].account.returned += count
            table.entries[index].queued += count
            table.entries[index].isSent = false
        }
        queue.rewind()
        farEnd.clear(at: now)
        mayBePlaying = false
        isHeld = true
    }

    /// Goes on where the caller stopped hearing the bot; what was cut in the middle fades in.
    mutating func resume() {
        isHeld = false
        for index in 0..<table.count where table.entries[index].queued > 0 {
            table.entries[index].isDry = table.entries[index].account.heard > 0
            break
        }
    }
}
