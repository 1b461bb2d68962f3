// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaEngine
internal import MediaServer

extension WebSocketExchange {
    /// A place on the caller's timeline, in samples at the bot's rate.
    private func place(_ position: SamplePosition) -> Int64 {
        let rate = Int64(facts?.ingressRate.hertz ?? input.rate.hertz)
        let (whole, rest) = position.index.quotientAndRemainder(dividingBy: rate)
        let wanted = Int64(input.rate.hertz)
        return whole * wanted + rest * wanted / rate
    }

    mutating func handle(_ event: CallEvent, at now: MediaInstant) {
        switch event {
        case .speechStarted(let turn, let onset):
            tell(.speechStarted(turn: turn, position: place(onset)))
        case .speechPaused(let turn, let last):
            tell(.speechPaused(turn: turn, position: place(last)))
        case .speechResumed(let turn, let position):
            tell(.speechResumed(turn: turn, position: place(position)))
        case .turnEnded(let turn):
            tell(
                .speechEnded(
                    turn: turn.id, onset: place(turn.onset), position: place(turn.lastVoiced)))
        case .turnAnswered(let bill): tell(.turnAnswered(bill))
        case .bargeIn(let interruption):
            tell(.bargeIn(position: place(interruption.onset), interruption.evidence))
        case .interruption(let interruption):
            tell(.interruption(interruption, position: place(interruption.onset)))
        case .interruptionVetoed(let id): tell(.interruptionVetoed(id))
        case .digit(let digit): tell(.dtmf(digit))
        case .mediaStalled: tell(.media(isStalled: true))
        case .mediaResumed: tell(.media(isStalled: false))
        default: break
        }
    }

    mutating func handle(_ input: PlatformInput, at now: MediaInstant) {
        tell(.platformEvent(input))
    }

    mutating func handle(_ report: PlaybackReport, at now: MediaInstant) {
        switch report {
        case .started(let number):
            guard let response = response(number) else { return }
            tell(.responseStarted(response.name))
        case .ended(let number, let account): ended(number, account)
        case .mark(let id, let number, let wasHeard):
            guard let index = marks.firstIndex(where: { $0.id == id }) else { return }
            let mark = marks.remove(at: index)
            let name = response(number)?.name ?? ""
            tell(.mark(mark.name, response: name, wasHeard: wasHeard))
        case .cleared:
            // What still comes of what was cleared is late and no error.
            if current != nil { isLate = true }
            current = nil
            for index in responses.indices { responses[index].isOpen = false }
            tell(.cleared)
        case .refused:
            // The window is smaller than the room there is, and above it nothing gets here.
            break
        }
    }

    private func response(_ number: Int) -> Response? {
        responses.first { $0.number == number }
    }

    private mutating func ended(_ number: Int, _ account: PlaybackAccount) {
        guard let index = responses.firstIndex(where: { $0.number == number }) else { return }
        let response = responses.remove(at: index)
        if pastNames.count == BotProtocol.rememberedResponses { pastNames.removeFirst() }
        pastNames.append(response.name)
        if current == number {
            current = nil
            isLate = true
        }
        tell(.responseEnded(response.name, account))
    }
}
