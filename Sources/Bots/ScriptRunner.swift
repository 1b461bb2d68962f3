// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import MediaServer

/// Runs a ``Script`` for one call: what happened goes in, what to do comes out.
///
/// A pure state machine: it reads no clock, plays nothing itself and is the same function of its
/// inputs live, in a test and in a replay. Owned by the call's shard. An input costs one small array
/// when it leads to actions, nothing otherwise; ``advance(to:)`` between deadlines is one comparison.
///
/// It says everything up to the next step that waits, transfers or ends at once, together with what
/// that step does: prompts follow each other without a gap, and platforms that take an answer as a
/// unit get one.
///
/// How a caller interrupts: barge-in (or a key) during an utterance that allows it skips all
/// utterances up to the next step that waits, transfers or ends, except those that do not allow
/// barge-in, which are said anew; the interrupting turn is then the answer to that step. A key
/// pressed, or a turn that ends, during an utterance that does not allow barge-in is not an answer
/// and is dropped.
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
        /// The platform gathers keys itself, and those before this are all of one input.
        case digitsCompleted
        /// The platform's own timer found that there was no input.
        case noInput
        /// The platform's flow sent an event.
        case event(String)
        case callerHungUp
    }

    /// What the bot has to do, in order.
    public enum Action: Hashable, Sendable {
        /// Play `Script.prompts[prompt]` after what is playing.
        case play(PlaybackID, prompt: Int, allowsBargeIn: Bool)
        /// Clear playout: a key or an event interrupted it.
        case stopPlaying
        /// Tell the platform's flow.
        case send(event: String, variables: [String: String])
        /// All is said until the caller acts: the script waits from the end of the prompts on.
        /// Said again whenever the caller did something that the script has no answer to.
        case listen(InputExpectation)
        /// Hand the caller over after the prompts. `outputs` are the platform's output variables.
        case transfer(destination: String, outputs: [String: String], summary: String?)
        /// End the bot's part of the call after the prompts.
        case end(outputs: [String: String], summary: String?)
    }

    enum Phase: Hashable {
        case beforeCall
        case speaking
        case waiting
        case over
    }

    /// A turn that lasts longer counts as no input, so that no wait is endless.
    public static let longestTurn = MediaDuration.seconds(60)
    /// Utterances queued at a time; what follows is said as they are heard.
    public static let longestQueue = 32

    public let script: Script
    /// Added to the script's wait for input, where a platform keeps that time itself.
    public var noInputGrace = MediaDuration.zero
    /// When ``advance(to:)`` has something to do next; `nil` when only an input can go on.
    public internal(set) var deadline: MediaInstant?
    /// Turns of the caller that were answered.
    public private(set) var answeredTurns = 0
    /// How often the caller was silent.
    public private(set) var missedInputs = 0
    /// What collecting steps have gathered so far.
    public private(set) var variables: [String: String] = [:]

    var phase = Phase.beforeCall
    /// The step whose action comes after all that is queued and to say.
    var step: Int
    /// Queued and not heard yet; the first is being heard.
    var queue: [(id: PlaybackID, utterance: Script.Utterance)] = []
    /// Not queued yet.
    var toSay: ArraySlice<Script.Utterance> = []
    var playbacks = 0
    var attempts = 0
    var digits = ""
    var callerIsSpeaking = false
    /// Keys since the platform last said that an input was complete, and whether they led anywhere.
    private var keysOfInput = 0
    var inputIsAnswered = false

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
            enter(script.start, &actions)
            plan(at: now, &actions)
        case (_, .beforeCall), (.callStarted, _):
            break
        case (.promptFinished(let id), _):
            finishPrompt(id, at: now, &actions)
        case (.speechStarted, _):
            callerIsSpeaking = true
            if phase == .waiting, isListening { deadline = now + Self.longestTurn }
        case (.bargeIn, .speaking):
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
            } else {
                listenAgain(&actions)
            }
        case (.digit(let key), _):
            if Script.keys.contains(key) { press(key, at: now, &actions) }
        case (.digitsCompleted, _):
            completeInput(at: now, &actions)
        case (.noInput, _):
            heedSilence(at: now, &actions)
        case (.event(let name), _):
            heed(event: name, at: now, &actions)
        }
        return actions
    }

    /// Lets time pass: acts when ``deadline`` has come. Call it on every tick of the call.
    public mutating func advance(to now: MediaInstant) -> [Action] {
        guard let deadline, deadline <= now else { return [] }
        self.deadline = nil
        callerIsSpeaking = false
        var actions: [Action] = []
        endWait(at: now, &actions)
        return actions
    }

    // MARK: What the caller does

    private mutating func press(
        _ key: Character, at now: MediaInstant, _ actions: inout [Action]
    ) {
        if keysOfInput == 0 { inputIsAnswered = false }
        keysOfInput += 1
        interrupt(at: now, &actions)
        guard phase == .waiting else { return }
        switch script.steps[step].action {
        case .listen:
            follow(at: now, &actions) { rule in rule.fits(digit: key) }
        case .collect(let collection):
            if key == collection.terminator {
                endWait(at: now, &actions)
                return
            }
            digits.append(key)
            deadline = now + collection.betweenDigits
            if digits.count == collection.maximumDigits { complete(collection, at: now, &actions) }
        case .proceed, .transfer, .end:
            preconditionFailure("Only steps that listen or collect wait")
        }
    }

    private mutating func completeInput(at now: MediaInstant, _ actions: inout [Action]) {
        let hadKeys = keysOfInput > 0
        keysOfInput = 0
        if !hadKeys {
            heedSilence(at: now, &actions)
        } else if phase == .waiting, !digits.isEmpty {
            endWait(at: now, &actions)
        } else if !inputIsAnswered {
            listenAgain(&actions)
        }
    }

    /// The platform knows when it has played everything: what is queued counts as heard.
    private mutating func heedSilence(at now: MediaInstant, _ actions: inout [Action]) {
        guard toSay.isEmpty, script.steps[step].waits else { return }
        queue = []
        deadline = nil
        callerIsSpeaking = false
        endWait(at: now, &actions)
    }

    private mutating func heed(
        event name: String, at now: MediaInstant, _ actions: inout [Action]
    ) {
        guard toSay.isEmpty, case .listen(let rules) = script.steps[step].action,
            let rule = rules.first(where: { $0.condition == .event(name) })
        else { return listenAgain(&actions) }
        interrupt(at: now, &actions)
        guard phase == .waiting else { return listenAgain(&actions) }
        answer(with: rule.step, at: now, &actions)
    }

    /// The wait is over: with the keys there are, or without any input.
    private mutating func endWait(at now: MediaInstant, _ actions: inout [Action]) {
        if case .collect(let collection) = script.steps[step].action, !digits.isEmpty {
            complete(collection, at: now, &actions)
        } else {
            missInput(at: now, &actions)
        }
    }

    private mutating func missInput(at now: MediaInstant, _ actions: inout [Action]) {
        guard let noInput = script.noInput else { return }
        missedInputs += 1
        inputIsAnswered = true
        if attempts < noInput.attempts {
            attempts += 1
            toSay = noInput.say[...]
        } else {
            enter(noInput.step, &actions)
        }
        plan(at: now, &actions)
    }

    private mutating func complete(
        _ collection: Script.Collection, at now: MediaInstant, _ actions: inout [Action]
    ) {
        variables[collection.variable] = digits
        answer(with: collection.step, at: now, &actions)
    }

    /// Goes where the first rule that fits leads; the last one fits always.
    private mutating func follow(
        at now: MediaInstant, _ actions: inout [Action], where fits: (Script.Condition) -> Bool
    ) {
        guard case .listen(let rules) = script.steps[step].action,
            let rule = rules.first(where: { fits($0.condition) })
        else { preconditionFailure("The last rule of a listening step fits always") }
        answer(with: rule.step, at: now, &actions)
    }

    private mutating func answer(
        with next: Int, at now: MediaInstant, _ actions: inout [Action]
    ) {
        inputIsAnswered = true
        enter(next, &actions)
        plan(at: now, &actions)
    }
}

extension Script.Condition {
    func fits(turn number: Int, of duration: MediaDuration) -> Bool {
        switch self {
        case .always: true
        case .turn(let wanted): number == wanted
        case .shorterThan(let limit): duration < limit
        case .longerThan(let limit): duration > limit
        case .digit, .event: false
        }
    }

    func fits(digit key: Character) -> Bool {
        switch self {
        case .always: true
        case .digit(let wanted): key == wanted
        case .turn, .shorterThan, .longerThan, .event: false
        }
    }
}
