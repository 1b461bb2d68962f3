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

/// Turns decisions about blocks into turns: onset debounce, hangover, two-stage end.
///
/// A value with no allocation; one call owns it. It knows nothing of how a block was judged, so
/// any voice activity detector can stand in front of it.
public struct Endpointer: Sendable {
    private enum Phase {
        case silent
        case speaking
        case paused
    }

    private let rate: SampleRate
    private let eagerSilence: Int
    private let confirmedSilence: Int
    /// Voiced samples within the onset window that prove an onset.
    private let onsetEvidence: Int
    /// A candidate onset is dropped after this many unvoiced samples in a row.
    private let onsetPatience: Int
    /// The onset is reported this much before the first voiced block: weak consonants precede it.
    private let lookBack: Int

    private var phase = Phase.silent
    private var candidate: SamplePosition?
    private var voicedInCandidate = 0
    private var unvoicedRun = 0
    private var lastVoiced = SamplePosition.start
    private var voicedSincePause = 0

    public init(profile: EndpointProfile, rate: SampleRate) {
        self.rate = rate
        eagerSilence = rate.samples(in: profile.eager)
        confirmedSilence = rate.samples(in: profile.confirmed)
        onsetEvidence = rate.samples(in: .milliseconds(60))
        onsetPatience = rate.samples(in: .milliseconds(40))
        lookBack = rate.samples(in: .milliseconds(30))
    }

    /// Whether a turn is under way (speaking or paused, not yet confirmed as ended).
    public var isInTurn: Bool { phase != .silent }

    /// Takes one block's decision; `end` is the position after its last sample.
    public mutating func observe(
        isVoiced: Bool, start: SamplePosition, end: SamplePosition
    ) -> SpeechChange? {
        switch phase {
        case .silent: observeInSilence(isVoiced, start, end)
        case .speaking, .paused: observeInTurn(isVoiced, start, end)
        }
    }

    /// Lets time pass without audio: everything up to `position` counts as silence.
    public mutating func passSilence(until position: SamplePosition) -> SpeechChange? {
        phase == .silent ? nil : endpoint(at: position)
    }

    private mutating func observeInSilence(
        _ isVoiced: Bool, _ start: SamplePosition, _ end: SamplePosition
    ) -> SpeechChange? {
        let length = start.distance(to: end)
        guard isVoiced else {
            unvoicedRun += length
            if unvoicedRun >= onsetPatience {
                candidate = nil
            }
            return nil
        }
        if candidate == nil {
            candidate = start
            voicedInCandidate = 0
        }
        unvoicedRun = 0
        voicedInCandidate += length
        guard voicedInCandidate >= onsetEvidence, let first = candidate else { return nil }
        candidate = nil
        phase = .speaking
        lastVoiced = end
        return .started(onset: max(.start, first.advanced(by: -lookBack)))
    }

    private mutating func observeInTurn(
        _ isVoiced: Bool, _ start: SamplePosition, _ end: SamplePosition
    ) -> SpeechChange? {
        let length = start.distance(to: end)
        guard isVoiced else {
            voicedSincePause = max(0, voicedSincePause - length)
            return endpoint(at: end)
        }
        if phase == .speaking {
            lastVoiced = end
            return nil
        }
        // One stray voiced block must not cancel an end that is due; two in a row do.
        voicedSincePause += length
        guard voicedSincePause > length else { return endpoint(at: end) }
        phase = .speaking
        lastVoiced = end
        return .resumed(at: start.advanced(by: -length))
    }

    private mutating func endpoint(at position: SamplePosition) -> SpeechChange? {
        let silence = lastVoiced.distance(to: position)
        if silence >= confirmedSilence {
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
}
