// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaEngine

/// The wait for an answer, and what bridges it.
extension CallSession {
    /// Looks at an event before the bot does.
    /// - Returns: whether the bot is told of it.
    func guardBudget(_ event: CallEvent) -> Bool {
        guard budget != nil else { return true }
        switch event {
        case .turnEnded(let turn):
            if call.configuration.egress != nil { budget?.turnEnded(turn) }
        case .speechStarted: cutFiller()
        case .bargeIn, .digit: budget?.rest()
        case .responseStarted(let id), .responseSent(let id), .underrun(let id):
            return id != budget?.response
        case .responseEnded(let account):
            return account.id != budget?.response
        default: break
        }
        return true
    }

    /// Begins the filler when it is due, and feeds it.
    func tendFiller(at now: MediaInstant) {
        guard let isDue = budget?.isDue(at: now) else { return }
        if isDue {
            // A response that was begun is an answer, even if nothing of it has come yet.
            guard !isEndingCall, !call.hasUnsentResponses, !call.botIsAudible(at: now),
                let id = call.beginFiller()
            else {
                budget?.rest()
                return
            }
            budget?.began(id)
            shard.statistics.fillers += 1
        }
        guard let (id, clip, isLast) = budget?.feed(remainder: call.playoutRemainder(at: now))
        else { return }
        _ = call.play(LinearAudio(clip.samples.span, rate: clip.rate), in: id, now: now)
        if isLast { call.endResponse(id, now: now) }
    }

    /// The bot answers, or there is nothing to answer any more.
    func cutFiller() {
        guard let (id, clip) = budget?.cut() else { return }
        _ = call.play(LinearAudio(clip.samples.span, rate: clip.rate), in: id, now: now)
        call.endResponse(id, now: now)
    }
}
