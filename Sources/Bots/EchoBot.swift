// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import MediaEngine
public import MediaServer

/// Says back the caller's last utterance: shows that both directions work, and how soon.
///
/// Runs on the call's shard. One utterance is kept, up to 15 s of it.
public final class EchoBot: BotConnector {
    private static let longestUtterance = MediaDuration.milliseconds(15_000)

    private let rate: SampleRate
    private var session: CallSession?
    private var utterance: [Int16] = []

    /// - Parameter rate: the rate at which the bot listens and speaks.
    public init(rate: SampleRate) {
        self.rate = rate
        utterance.reserveCapacity(rate.samples(in: Self.longestUtterance))
    }

    public func callStarted(_ session: CallSession) {
        self.session = session
        session.listen()
    }

    public func receive(_ audio: borrowing LinearAudio) {
        let room = utterance.capacity - utterance.count
        for index in 0..<min(room, audio.samples.count) {
            utterance.append(audio.samples[index])
        }
    }

    public func handle(_ event: CallEvent) {
        switch event {
        case .speechStarted:
            utterance.removeAll(keepingCapacity: true)
        case .turnEnded:
            sayBack()
        default:
            break
        }
    }

    public func handle(_ input: PlatformInput) {
        session?.listen()
    }

    public func callEnded(_ reason: CallEndReason) {
        session = nil
    }

    private func sayBack() {
        guard let session else { return }
        if let response = session.beginResponse() {
            // Taken out for the moment: what plays may make the next utterance begin.
            var words: [Int16] = []
            swap(&words, &utterance)
            _ = session.play(LinearAudio(words.span, rate: rate), in: response)
            words.removeAll(keepingCapacity: true)
            swap(&words, &utterance)
            session.endResponse(response)
            session.report(TurnOutcome(.match))
        }
        session.listen()
    }
}
