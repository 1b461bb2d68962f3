// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// Runs a ``Script`` for one call: what happened goes in, what to do comes out.
///
/// A pure state machine: it reads no clock, plays nothing itself and is the same function of its
/// inputs live, in a test and in a replay. Owned by the call's shard. An input costs one small array
/// when it leads to actions, nothing otherwise; ``advance(to:)`` between deadlines is one comparison.
///
/// How a caller interrupts: barge-in (or a key) during an utterance that allows it skips all
/// utterances up to the next step that waits, transfers or ends, except those that do not allow
/// barge-in; the interrupting turn is then the answer to that step. A key pressed, or a turn that
/// ends, during an utterance that does not allow barge-in is not an answer and is dropped.
public struct ScriptRunner: Sendable {
    /// Names one utterance of one call, so that a late report about an older one does no harm.
    public struct PlaybackID: Hashable, Sendable {
        public var number: Int
    }

    /// What happened on the call.
    public enum Input: Hashable, Sendable {
        case callStarted
        /// An utterance has been heard to its end.
        case promptFinished(PlaybackID)
        /// The caller began to speak.
        case speechStarted
        /// The caller's turn is confirmed to be over; `duration` is from its first to its last voice.
        case turnEnded(duration: MediaDuration)
        /// The engine took the caller's speech for an interruption and has cleared playout.
        case bargeIn
        /// The caller pressed a key of ``Script/keys``; other characters are ignored.
        case digit(Character)
        case callerHungUp
    }

    /// What the bot has to do, in order.
    public enum Action: Hashable, Sendable {
        /// Play `Script.prompts[prompt]` after what is playing.
        case play(PlaybackID, prompt: Int, allowsBargeIn: Bool)
        /// Clear playout: a key interrupted it.
        case stopPlaying
        /// The script now waits for the caller.
        case listen
        /// Hand the caller over. `outputs` are the platform's output variables.
        case transfer(destination: String, outputs: [String: String])
        /// End the bot's part of the call.
        case end(outputs: [String: String])
    }

    private enum Phase: Hashable {
        case beforeCall
        case speaking(PlaybackID, allowsBargeIn: Bool)
        case waiting
        case over
    }

    /// A turn that lasts longer counts as no input, so that no wait is endless.
    public static let longestTurn = MediaDuration.seconds(60)

    public let script: Script
    /// When ``advance(to:)`` has something to do next; `nil` when only an input can go on.
    public private(set) var deadline: MediaInstant?
    /// Turns of the caller that were answered.
    public private(set) var answeredTurns = 0
    /// What collecting steps have gathered so far.
    public private(set) var variables: [String: String] = [:]

    private var phase = Phase.beforeCall
    private var step: Int
    private var toSay: ArraySlice<Script.Utterance> = []
    private var playbacks = 0
    private var attempts = 0
    private var digits = ""
    private var callerIsSpeaking = false

    public init(script: Script) {
        self.script = script
        step = script.start
    }

    /// Whether the script has ended, transferred or lost its caller; inputs no longer matter.
    public var isOver: Bool { phase == .over }

    /// Takes one input that happened at `now`.
    public mutating func handle(_ input: Input, at now: MediaInstant) -> [Action] {
        var actions: [Action] = []
        switch (input, phase) {
        case (_, .over):
            break
        case (.callerHungUp, _):
            finish()
        case (.callStarted, .beforeCall):
            enter(script.start)
            proceed(at: now, &actions)
        case (_, .beforeCall), (.callStarted, _):
            break
        case (.promptFinished(let finished), .speaking(let id, _)) where finished == id:
            proceed(at: now, &actions)
        case (.promptFinished, _):
            break
        case (.speechStarted, _):
            callerIsSpeaking = true
            if phase == .waiting, isListening { deadline = now + Self.longestTurn }
        case (.bargeIn, .speaking(_, allowsBargeIn: true)):
            callerIsSpeaking = true
            skip(at: now, &actions)
        case (.bargeIn, _):
            break
        case (.turnEnded(let duration), _):
            callerIsSpeaking = false
            if phase == .waiting, isListening {
                answeredTurns += 1
                let number = answeredTurns
                follow(at: now, &actions) { rule in rule.fits(turn: number, of: duration) }
            }
        case (.digit(let key), _):
            if Script.keys.contains(key) { press(key, at: now, &actions) }
        }
        return actions
    }

    /// Lets time pass: acts when ``deadline`` has come. Call it on every tick of the call.
    public mutating func advance(to now: MediaInstant) -> [Action] {
        guard let deadline, deadline <= now else { return [] }
        self.deadline = nil
        callerIsSpeaking = false
        var actions: [Action] = []
        if case .collect(let collection) = script.steps[step].action, !digits.isEmpty {
            complete(collection, at: now, &actions)
        } else {
            missInput(at: now, &actions)
        }
        return actions
    }

    private var isListening: Bool {
        if case .listen = script.steps[step].action { true } else { false }
    }

    private mutating func enter(_ next: Int) {
        step = next
        toSay = script.steps[next].say[...]
        attempts = 0
        digits = ""
        deadline = nil
    }

    private mutating func finish() {
        phase = .over
        deadline = nil
        toSay = []
    }

    /// Says the next utterance, or does what the step does after its last.
    private mutating func proceed(at now: MediaInstant, _ actions: inout [Action]) {
        while true {
            if let utterance = toSay.popFirst() {
                deadline = nil
                playbacks += 1
                let id = PlaybackID(number: playbacks)
                phase = .speaking(id, allowsBargeIn: utterance.allowsBargeIn)
                actions.append(
                    .play(
                        id, prompt: utterance.prompt, allowsBargeIn: utterance.allowsBargeIn))
                return
            }
            switch script.steps[step].action {
            case .proceed(let next):
                enter(next)
                continue
            case .listen, .collect:
                wait(at: now)
                actions.append(.listen)
            case .transfer(let destination, let given):
                finish()
                actions.append(.transfer(destination: destination, outputs: outputs(with: given)))
            case .end(let given):
                finish()
                actions.append(.end(outputs: outputs(with: given)))
            }
            return
        }
    }

    /// Leaves out what the caller may interrupt, up to the next step that does more than speak.
    private mutating func skip(at now: MediaInstant, _ actions: inout [Action]) {
        while true {
            toSay = toSay.drop { $0.allowsBargeIn }
            guard toSay.isEmpty, case .proceed(let next) = script.steps[step].action else { break }
            enter(next)
        }
        proceed(at: now, &actions)
    }

    private mutating func wait(at now: MediaInstant) {
        guard let noInput = script.noInput else {
            preconditionFailure("A script whose steps wait says what to do without input")
        }
        phase = .waiting
        deadline = now + (callerIsSpeaking && isListening ? Self.longestTurn : noInput.after)
    }

    private mutating func missInput(at now: MediaInstant, _ actions: inout [Action]) {
        guard let noInput = script.noInput else { return }
        if attempts < noInput.attempts {
            attempts += 1
            toSay = noInput.say[...]
        } else {
            enter(noInput.step)
        }
        proceed(at: now, &actions)
    }

    private mutating func press(
        _ key: Character, at now: MediaInstant, _ actions: inout [Action]
    ) {
        if case .speaking(_, allowsBargeIn: true) = phase {
            actions.append(.stopPlaying)
            skip(at: now, &actions)
        }
        guard phase == .waiting else { return }
        switch script.steps[step].action {
        case .listen:
            follow(at: now, &actions) { rule in rule.fits(digit: key) }
        case .collect(let collection):
            if key == collection.terminator {
                if digits.isEmpty {
                    missInput(at: now, &actions)
                } else {
                    complete(collection, at: now, &actions)
                }
                return
            }
            digits.append(key)
            deadline = now + collection.betweenDigits
            if digits.count == collection.maximumDigits { complete(collection, at: now, &actions) }
        case .proceed, .transfer, .end:
            preconditionFailure("Only steps that listen or collect wait")
        }
    }

    private mutating func complete(
        _ collection: Script.Collection, at now: MediaInstant, _ actions: inout [Action]
    ) {
        variables[collection.variable] = digits
        enter(collection.step)
        proceed(at: now, &actions)
    }

    /// Goes where the first rule that fits leads; the last one fits always.
    private mutating func follow(
        at now: MediaInstant, _ actions: inout [Action], where fits: (Script.Condition) -> Bool
    ) {
        guard case .listen(let rules) = script.steps[step].action,
            let rule = rules.first(where: { fits($0.condition) })
        else { preconditionFailure("The last rule of a listening step fits always") }
        enter(rule.step)
        proceed(at: now, &actions)
    }

    /// What was collected, under what the script gives.
    private func outputs(with given: [String: String]) -> [String: String] {
        variables.merging(given) { _, given in given }
    }
}

extension Script.Condition {
    func fits(turn number: Int, of duration: MediaDuration) -> Bool {
        switch self {
        case .always: true
        case .digit: false
        case .turn(let wanted): number == wanted
        case .shorterThan(let limit): duration < limit
        case .longerThan(let limit): duration > limit
        }
    }

    func fits(digit key: Character) -> Bool {
        switch self {
        case .always: true
        case .digit(let wanted): key == wanted
        case .turn, .shorterThan, .longerThan: false
        }
    }
}
