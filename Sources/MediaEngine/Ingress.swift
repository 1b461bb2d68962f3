// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import SpeechDetection

/// The caller's direction of one call: decoding, detection, pre-roll, delivery to the bot.
///
/// Owned by its ``Call``. Allocates only in `init`.
struct Ingress: ~Copyable {
    /// Pre-roll and what waits for the bot: 1 s, which a bot that is pumped never fills.
    private static let historyLength = MediaDuration.milliseconds(1000)
    /// Samples given back to the bot from before the onset, so that no first sound is cut.
    private static let onsetLead = MediaDuration.milliseconds(100)
    /// Longest declared gap that is filled with silence; a longer one is a jump of the timeline.
    private static let longestFilledGap = CallConfiguration.longestFilledGap
    /// Silence by the clock starts to count this long after the last arrival: packets of 200 to
    /// 300 ms and ordinary jitter must not end a turn.
    private static let arrivalGrace = MediaDuration.milliseconds(400)
    private static let sliceLength = 240

    private let format: AudioFormat
    private let delivery: CallConfiguration.CallerAudioDelivery
    private let preRoll: Int
    private var detector: SpeechDetector
    private var history: SampleHistory
    /// Nil when the bot is given the audio as it comes.
    private var cleaner: AudioCleaner?
    /// What lies before it is clean and may be delivered; nil when nothing is cleaned.
    private var cleanEnd: SamplePosition?
    private var resampler: Resampler
    private var scratch: [Int16]
    private(set) var clock: CaptureClock
    private(set) var lastArrival: MediaInstant
    /// Where the newest packets end and when each arrived, oldest first.
    private var arrivals = ArrivalLog()
    private var counts = IngressLedger()

    /// Everything before this position is delivered or discarded.
    private var settled = SamplePosition.start
    private var isDelivering: Bool
    /// Where the current delivery ends, once that is known.
    private var deliveryEnd: SamplePosition?

    init(
        _ configuration: CallConfiguration, cancellers: EchoCancellerPool?, now: MediaInstant
    ) {
        format = configuration.ingress
        delivery = configuration.delivery
        let rate = configuration.ingress.rate
        detector = SpeechDetector(
            rate: rate, profile: configuration.hearing, cancellers: cancellers)
        cleaner = configuration.cleansCallerAudio ? AudioCleaner() : nil
        history = SampleHistory(capacity: rate.samples(in: Self.historyLength))
        preRoll = history.capacity - rate.samples(in: .milliseconds(200))
        resampler = Resampler(from: rate, to: configuration.botRate)
        scratch = Array(repeating: 0, count: Self.sliceLength)
        clock = CaptureClock(rate: rate)
        lastArrival = now
        isDelivering = configuration.delivery == .continuous
    }

    /// Position after the newest sample.
    var end: SamplePosition { history.end }

    /// Position after the detector's block that is under way.
    var blockEnd: SamplePosition {
        mutating get { history.end.advanced(by: detector.blockRemainder) }
    }

    /// Samples at 8 kHz by which the far end is to be given later than it is estimated.
    var farEndOffset: Int { mutating get { detector.farEndOffset } }

    /// Samples that are missing to complete the detector's block that is under way.
    var blockRemainder: Int { mutating get { detector.blockRemainder } }

    mutating func expect(_ input: ExpectedSpeech) {
        detector.expect(input)
    }

    var ledger: IngressLedger {
        var ledger = counts
        ledger.held = settled.distance(to: history.end)
        return ledger
    }

    // MARK: Arrival

    /// Notes that `audio` begins to arrive; its samples are taken by `consume`.
    /// - Parameter farIsHeard: whether the caller is hearing something.
    mutating func beginArrival(frames: Int, farIsHeard: Bool, now: MediaInstant) {
        detector.fetch(echo: farIsHeard)
        let end = history.end.advanced(by: frames)
        clock.observe(end: end, now: now)
        arrivals.append(end: end, at: now)
        lastArrival = now
    }

    /// When the sample before `position` arrived.
    func arrival(of position: SamplePosition, fallback: MediaInstant) -> MediaInstant {
        arrivals.instant(of: position) ?? fallback
    }

    /// The stream stopped on purpose and goes on: positions mean new times from here.
    mutating func restartClock(now: MediaInstant) {
        clock.reset()
        lastArrival = now
    }

    /// Whether nothing stirs on the line, nor in `samples`, which come next.
    mutating func isQuiet(_ samples: Span<Int16>) -> Bool { detector.isQuiet(samples) }

    /// Takes samples, up to the end of a detector block at most.
    /// - Parameters:
    ///   - far: what was heard during the block, if this completes it.
    ///   - mayInterrupt: whether that may be interrupted.
    /// - Returns: the decision when a block was completed.
    mutating func consume(
        _ samples: Span<Int16>, far: Span<Int16>, mayInterrupt: Bool
    ) -> SpeechDecision? {
        makeRoom(for: samples.count)
        history.append(samples)
        counts.received += samples.count
        return detector.consume(samples, far: far, mayInterrupt: mayInterrupt).decision
    }

    /// Takes the echo of what `playout` sent out of the audio that is still to be delivered.
    mutating func clean(hearing playout: borrowing Playout) {
        cleanEnd = cleaner?.clean(
            &history, hearing: playout, offset: Int64(detector.farEndOffset),
            delay: detector.echoDelay)
    }

    /// Moves the timeline to `position` over audio that the platform says is missing.
    /// - Returns: samples jumped (zero or less when the position lies behind), and what the
    ///   silence did to the turn.
    mutating func moveTimeline(to position: SamplePosition) -> (samples: Int, change: SpeechChange?)
    {
        let gap = history.end.distance(to: position)
        guard gap > 0 else { return (gap, nil) }
        let change = detector.skip(to: position)
        if gap <= format.rate.samples(in: Self.longestFilledGap) {
            var rest = gap
            while rest > 0 {
                let length = min(rest, Self.sliceLength)
                makeRoom(for: length)
                history.appendSilence(length)
                rest -= length
            }
            counts.inserted += gap
        } else {
            counts.discarded += settled.distance(to: history.end)
            history.jump(to: position)
            settled = position
            counts.skipped += gap
        }
        cleaner?.skip(to: position)
        if cleanEnd != nil { cleanEnd = position }
        clock.reset()
        return (gap, change)
    }

    /// Lets the clock end a turn when nothing arrives.
    mutating func passTime(to now: MediaInstant) -> SpeechChange? {
        let silence = now - lastArrival - Self.arrivalGrace
        guard silence > .zero, detector.isInTurn else { return nil }
        return detector.passSilence(of: format.rate.samples(in: silence))
    }

    /// When silence by the clock begins to end the turn that is under way, at the latest `limit`.
    /// Mutating in name only, as some others are: else the compiler copies all of self for the call.
    mutating func deadline(after limit: MediaInstant) -> MediaInstant {
        detector.isInTurn ? min(limit, lastArrival + Self.arrivalGrace) : limit
    }

    // MARK: Delivery

    /// Starts giving audio to the bot from shortly before `onset`.
    mutating func beginDelivery(at onset: SamplePosition) {
        guard delivery == .turns else { return }
        if isDelivering {
            // The next turn began before the last one's end was fetched: they become one.
            deliveryEnd = nil
            return
        }
        let lead = format.rate.samples(in: Self.onsetLead)
        let first = max(onset.advanced(by: -lead), settled, history.start)
        counts.discarded += settled.distance(to: first)
        settled = first
        resampler.reset()
        isDelivering = true
    }

    /// Everything that has arrived until now still belongs to the bot, later audio does not.
    mutating func endDelivery() {
        guard delivery == .turns, isDelivering else { return }
        deliveryEnd = deliverableEnd
    }

    /// Position after the newest sample that the bot may be given.
    private var deliverableEnd: SamplePosition { cleanEnd ?? history.end }

    /// Moves the next stretch of audio for the bot into the start of `output`, at the bot's rate.
    /// - Returns: samples written; zero when nothing is due.
    mutating func read(into output: inout MutableSpan<Int16>) -> Int {
        guard isDelivering else { return 0 }
        let available = settled.distance(to: deliveryEnd ?? deliverableEnd)
        guard available > 0 else {
            finishDelivery()
            return 0
        }
        var length = min(available, Self.sliceLength)
        while length > 1, resampler.outputCount(for: length) > output.count {
            length /= 2
        }
        var samples = takeScratch()
        history.copy(from: settled, count: length, into: &samples)
        let written = resampler.process(samples.span.extracting(0..<length), into: &output)
        scratch = samples
        settled = settled.advanced(by: length)
        counts.delivered += length
        // A slice that is all delay gives nothing yet; the next one does.
        return written > 0 ? written : read(into: &output)
    }

    private mutating func finishDelivery() {
        guard deliveryEnd != nil else { return }
        deliveryEnd = nil
        isDelivering = false
    }

    /// Gives up the oldest samples where `count` more would not fit or pre-roll is long enough.
    private mutating func makeRoom(for count: Int) {
        let limit = isDelivering ? history.capacity : preRoll
        let excess = settled.distance(to: history.end) + count - limit
        guard excess > 0 else { return }
        settled = settled.advanced(by: excess)
        counts.discarded += excess
        if isDelivering {
            counts.overrun += excess
            if let end = deliveryEnd, end < settled {
                finishDelivery()
            }
        }
    }

    /// Taken out for the moment: a span of a stored array would lock all of self.
    private mutating func takeScratch() -> [Int16] {
        var taken: [Int16] = []
        swap(&taken, &scratch)
        return taken
    }
}
