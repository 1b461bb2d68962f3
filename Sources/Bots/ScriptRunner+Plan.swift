// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaEngine
internal import MediaServer

/// What is said when: the queue of utterances up to the next step that does more than speak.
extension ScriptRunner {
    var isListening: Bool {
        if case .listen = script.steps[step].action { true } else { false }
    }

    mutating func enter(_ next: Int, _ actions: inout [Action]) {
        step = next
        toSay = script.steps[next].say[...]
        attempts = 0
        digits = ""
        deadline = nil
        if let event = script.steps[next].event {
            actions.append(.send(event: event, variables: variables))
        }
    }

    mutating func finish() {
        phase = .over
        deadline = nil
        queue = []
        toSay = []
    }

    /// Queues all there is to say, then what the last step does; without room, as much as fits.
    mutating func plan(at now: MediaInstant, _ actions: inout [Action]) {
        while true {
            while queue.count < Self.longestQueue, let utterance = toSay.popFirst() {
                playbacks += 1
                let id = PlaybackID(number: playbacks)
                queue.append((id, utterance))
                actions.append(
                    .play(id, prompt: utterance.prompt, allowsBargeIn: utterance.allowsBargeIn))
            }
            guard toSay.isEmpty, case .proceed(let next) = script.steps[step].action else { break }
            enter(next, &actions)
        }
        if toSay.isEmpty { conclude(&actions) }
        settle(at: now)
    }

    mutating func finishPrompt(
        _ id: PlaybackID, at now: MediaInstant, _ actions: inout [Action]
    ) {
        guard let index = queue.firstIndex(where: { $0.id == id }) else { return }
        queue.removeFirst(index + 1)
        if toSay.isEmpty {
            settle(at: now)
        } else {
            plan(at: now, &actions)
        }
    }

    /// Stops for a key or an event, where what is heard allows it.
    mutating func interrupt(at now: MediaInstant, _ actions: inout [Action]) {
        guard phase == .speaking, queue.first?.utterance.allowsBargeIn ?? false else { return }
        actions.append(.stopPlaying)
        skip(at: now, &actions)
    }

    /// Leaves out what the caller may interrupt, up to the next step that does more than speak.
    mutating func skip(at now: MediaInstant, _ actions: inout [Action]) {
        var rest = queue.map(\.utterance).filter { !$0.allowsBargeIn }
        queue = []
        rest += toSay.filter { !$0.allowsBargeIn }
        // A script may speak in a circle for ever: once around is enough.
        for _ in 0...script.steps.count {
            guard case .proceed(let next) = script.steps[step].action else { break }
            enter(next, &actions)
            rest += toSay.filter { !$0.allowsBargeIn }
        }
        toSay = rest[...]
        if toSay.isEmpty, script.steps[step].waits {
            // The caller is at it: what the platform is to expect comes with the answer.
            settle(at: now)
        } else {
            inputIsAnswered = true
            plan(at: now, &actions)
        }
    }

    /// Tells the platform to go on after an input that the script has no answer to.
    mutating func listenAgain(_ actions: inout [Action]) {
        guard toSay.isEmpty, script.steps[step].waits else { return }
        conclude(&actions)
    }

    /// What the step does after all that was queued.
    private func conclude(_ actions: inout [Action]) {
        switch script.steps[step].action {
        case .proceed:
            break
        case .listen, .collect:
            actions.append(.listen(expectation))
        case .transfer(let destination, let given, let summary):
            let outputs = outputs(with: given)
            actions.append(
                .transfer(
                    destination: destination, outputs: outputs,
                    summary: summary?.filled(with: outputs)))
        case .end(let given, let summary):
            let outputs = outputs(with: given)
            actions.append(.end(outputs: outputs, summary: summary?.filled(with: outputs)))
        }
    }

    /// Waits or is done once everything was heard.
    private mutating func settle(at now: MediaInstant) {
        guard queue.isEmpty else {
            phase = .speaking
            deadline = nil
            return
        }
        guard script.steps[step].waits else { return finish() }
        guard let noInput = script.noInput else {
            preconditionFailure("A script whose steps wait says what to do without input")
        }
        phase = .waiting
        deadline =
            now
            + (callerIsSpeaking && isListening ? Self.longestTurn : noInput.after + noInputGrace)
    }

    /// What the platform is told of the step that waits.
    private var expectation: InputExpectation {
        let waiting = script.steps[step]
        let timeout = script.noInput?.after
        guard case .collect(let collection) = waiting.action else {
            // A rule answers to a single key.
            return InputExpectation(
                .voiceAndDigits,
                digits: .init(
                    maximumCount: 1, terminator: nil, between: timeout ?? Self.longestTurn),
                isSensitive: waiting.isSensitive, noInputTimeout: timeout)
        }
        return InputExpectation(
            .digits,
            digits: .init(
                maximumCount: collection.maximumDigits,
                terminator: collection.terminator.flatMap { DTMFDigit($0) },
                between: collection.betweenDigits),
            isSensitive: waiting.isSensitive, noInputTimeout: timeout)
    }

    /// What was collected, under what the script gives.
    private func outputs(with given: [String: String]) -> [String: String] {
        variables.merging(given) { _, given in given }
    }
}
