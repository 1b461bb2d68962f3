// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// A change in what the caller is doing, with sample positions on the ingress timeline.
public enum SpeechChange: Hashable, Sendable {
    /// The caller began to speak at `onset`, which lies before the sample that proved it.
    case started(onset: SamplePosition)
    /// Silence has reached the eager stage; the last voiced sample is before `lastVoiced`.
    case paused(lastVoiced: SamplePosition)
    /// The caller went on speaking after `paused`.
    case resumed(at: SamplePosition)
    /// Silence has reached the confirmed stage: the turn is over.
    case ended(lastVoiced: SamplePosition)
}

/// Turns decisions about blocks into turns: onset debounce, hangover, two-stage end in two speeds.
///
/// The silence that ends a turn lies between the profile's earliest and confirmed: nearer to the
/// earliest the more final the turn sounds, within what the bot expects to hear.
///
/// A value with no allocation; one call owns it. It knows nothing of how a block was judged, so
/// any voice activity detector can stand in front of it.
public struct Endpointer: Sendable {
    private enum Phase {
        case silent
        case speaking
        case paused
    }

    /// Samples of one second of the ingress timeline.
    private let second: Int
    private let eagerSilence: Int
    private let earliestSilence: Int
    private let confirmedSilence: Int
    /// Voiced samples within the onset window that prove an onset.
    private let onsetEvidence: Int
    /// A candidate onset is dropped after this many unvoiced samples in a row.
    private let onsetPatience: Int
    /// The onset is reported this much before the first voiced block: weak consonants precede it.
    private let lookBack: Int

    private var phase = Phase.silent
    private var expected = ExpectedSpeech.freeSpeech
    private var candidate: SamplePosition?
    private var voicedInCandidate = 0
    private var unvoicedRun = 0
    private var onset = SamplePosition.start
    private var lastVoiced = SamplePosition.start
    private var voicedSincePause = 0
    private var finality = Finality()
    private var rhythm = DigitRhythm()
    /// The silence that ends the turn, once it has been worked out for the pause that is going on.
    private var required: Int?

    public init(profile: EndpointProfile, rate: SampleRate) {
        second = rate.hertz
        eagerSilence = rate.samples(in: profile.eager)
        earliestSilence = rate.samples(in: profile.earliest)
        confirmedSilence = rate.samples(in: profile.confirmed)
        onsetEvidence = rate.samples(in: .milliseconds(60))
        onsetPatience = rate.samples(in: .milliseconds(40))
        lookBack = rate.samples(in: .milliseconds(30))
    }

    /// Whether a turn is under way (speaking or paused, not yet confirmed as ended).
    public var isInTurn: Bool { phase != .silent }

    /// Whether the caller neither speaks nor may have begun to.
    var isIdle: Bool { phase == .silent && candidate == nil }

    /// Says what the bot expects to hear from now on.
    public mutating func expect(_ speech: ExpectedSpeech) {
        expected = speech
        required = nil
    }

    /// Takes one block's decision.
    public mutating func observe(_ cue: EndpointCue) -> SpeechChange? {
        switch phase {
        case .silent: observeInSilence(cue)
        case .speaking, .paused: observeInTurn(cue)
        }
    }

    /// Takes a block of which only this is known: how it was spoken does not count then.
    public mutating func observe(
        isVoiced: Bool, start: SamplePosition, end: SamplePosition
    ) -> SpeechChange? {
        observe(EndpointCue(start: start, end: end, isVoiced: isVoiced))
    }

    /// Lets time pass without audio: everything up to `position` counts as silence.
    public mutating func passSilence(until position: SamplePosition) -> SpeechChange? {
        phase == .silent ? nil : endpoint(at: position)
    }

    private mutating func observeInSilence(_ cue: EndpointCue) -> SpeechChange? {
        guard cue.isVoiced else {
            unvoicedRun += cue.length
            if unvoicedRun >= onsetPatience {
                candidate = nil
            }
            return nil
        }
        if candidate == nil {
            candidate = cue.start.advanced(by: -cue.precedingVoice)
            voicedInCandidate = cue.precedingVoice
            finality = Finality()
            rhythm = DigitRhythm()
        }
        finality.observe(cue)
        unvoicedRun = 0
        voicedInCandidate += cue.length
        guard voicedInCandidate >= onsetEvidence, let first = candidate else { return nil }
        candidate = nil
        phase = .speaking
        onset = first
        lastVoiced = cue.end
        required = nil
        return .started(onset: max(.start, first.advanced(by: -lookBack)))
    }

    private mutating func observeInTurn(_ cue: EndpointCue) -> SpeechChange? {
        guard cue.isVoiced else {
            voicedSincePause = max(0, voicedSincePause - cue.length)
            return endpoint(at: cue.end)
        }
        if phase == .speaking {
            goOn(cue, from: cue.start)
            return nil
        }
        // One stray voiced block must not cancel an end that is due; two in a row do.
        voicedSincePause += cue.length
        guard voicedSincePause > cue.length else { return endpoint(at: cue.end) }
        phase = .speaking
        let resumption = cue.start.advanced(by: -cue.length)
        goOn(cue, from: resumption)
        return .resumed(at: resumption)
    }

    private mutating func goOn(_ cue: EndpointCue, from start: SamplePosition) {
        rhythm.observe(pause: lastVoiced.distance(to: start), second: second)
        finality.observe(cue)
        lastVoiced = cue.end
        required = nil
    }

    private mutating func endpoint(at position: SamplePosition) -> SpeechChange? {
        let silence = lastVoiced.distance(to: position)
        if silence >= earliestSilence, silence >= requiredSilence() {
            phase = .silent
            unvoicedRun = 0
            return .ended(lastVoiced: lastVoiced)
        }
        if phase == .speaking, silence >= eagerSilence {
            phase = .paused
            voicedSincePause = 0
            return .paused(lastVoiced: lastVoiced)
        }
        return nil
    }

    private mutating func requiredSilence() -> Int {
        if let required { return required }
        let range = confirmedSilence - earliestSilence
        let silence =
            switch expected {
            case .yesNo: earliestSilence
            case .digits:
                max(earliestSilence, min(confirmedSilence, rhythm.silence(second: second) ?? .max))
            case .freeSpeech:
                confirmedSilence
                    - Int(
                        Float(range)
                            * finality.degree(
                                length: onset.distance(to: lastVoiced), second: second))
            }
        required = silence
        return silence
    }
}
