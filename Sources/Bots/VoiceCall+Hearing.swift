// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import MediaServer

/// A key, or the platform's word that the keys before it are one input.
enum KeyInput: Hashable, Sendable {
    case key(DTMFDigit)
    case completed(isEmpty: Bool)
}

/// A bot's task that waits for the caller.
struct InputWait {
    enum Kind: Hashable {
        case turn
        case keys
    }

    let number: Int
    let kind: Kind
    let expectation: InputExpectation
}

/// What a bot hears.
extension VoiceCall {
    /// The caller's next turn, once it is confirmed to be over; nil when the call is over.
    ///
    /// While nobody has spoken and nothing is left to say, the platform is told what is expected.
    public func nextTurn(
        for expectation: InputExpectation = InputExpectation()
    ) async -> CallerTurn? {
        takeNews()
        if turns.isEmpty {
            let number = beginWait(for: expectation, .turn)
            defer { endWait(number) }
            while turns.isEmpty {
                guard await wait() else { return nil }
            }
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

    /// Collects keys until there are `most`, until `terminator` (not part of the result), until the
    /// platform says that they are complete, or until none came for `first` (before the first key)
    /// or `between` (after one).
    ///
    /// - Parameter isSensitive: platforms that can keep the keys out of their records do.
    public func collectDigits(
        most: Int, terminator: DTMFDigit? = DTMFDigit("#"),
        first: Duration = .seconds(8), between: Duration = .seconds(4), isSensitive: Bool = false
    ) async -> [DTMFDigit] {
        takeNews()
        // What ended an earlier input has no meaning for this one.
        while case .completed? = keys.first { keys.removeFirst() }
        let number = beginWait(
            for: InputExpectation(
                .digits,
                digits: .init(
                    maximumCount: most, terminator: terminator, between: MediaDuration(between)),
                isSensitive: isSensitive, noInputTimeout: MediaDuration(first)), .keys)
        defer { endWait(number) }
        var collected: [DTMFDigit] = []
        while collected.count < most {
            let deadline = ContinuousClock.now + (collected.isEmpty ? first : between)
            while keys.isEmpty {
                guard await wait(until: deadline), ContinuousClock.now < deadline else {
                    return collected
                }
            }
            switch keys.removeFirst() {
            case .key(let digit):
                if digit == terminator { return collected }
                collected.append(digit)
            case .completed(let isEmpty):
                if isEmpty || !collected.isEmpty { return collected }
            }
        }
        return collected
    }

    /// Tells the platform that all is said until the caller acts, and what is expected then.
    ///
    /// It is told after everything queued. For bots that do not wait by ``nextTurn(for:)`` or
    /// ``collectDigits(most:terminator:first:between:isSensitive:)``, which say it themselves.
    public func listen(for expectation: InputExpectation = InputExpectation()) {
        owesListen = false
        send(.listen(expectation))
    }
}

extension MediaDuration {
    /// The same length, up to about 31 years.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let whole = max(-1_000_000_000, min(seconds, 1_000_000_000))
        self.init(nanoseconds: whole * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
