// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Bots
import Foundation
import Testing

/// A call on a virtual clock: reads actions as short texts, with prompts by their names.
struct ScriptedCall {
    var runner: ScriptRunner
    var clock = VirtualClock()
    /// The utterance that is playing, if any.
    var playing: ScriptRunner.PlaybackID?

    init(_ text: String) throws {
        runner = ScriptRunner(script: try ScriptTests.script(text))
    }

    mutating func handle(_ input: ScriptRunner.Input) -> [String] {
        note(runner.handle(input, at: clock.now))
    }

    mutating func after(_ duration: MediaDuration) -> [String] {
        clock.advance(by: duration)
        return note(runner.advance(to: clock.now))
    }

    /// The utterance that plays is heard to its end.
    mutating func hear() -> [String] {
        guard let id = playing else { return ["nothing plays"] }
        return handle(.promptFinished(id))
    }

    /// The caller speaks for `duration`, and the turn is confirmed to be over.
    mutating func speak(_ duration: MediaDuration) -> [String] {
        let started = handle(.speechStarted)
        clock.advance(by: duration)
        return started + handle(.turnEnded(duration: duration))
    }

    private mutating func note(_ actions: [ScriptRunner.Action]) -> [String] {
        // Every action follows on the end of what played before.
        if !actions.isEmpty { playing = nil }
        return actions.map { action in
            switch action {
            case .play(let id, let prompt, let allowsBargeIn):
                playing = id
                let name = runner.script.prompts[prompt].name
                    .replacing("prompts/", with: "").replacing(".wav", with: "")
                return allowsBargeIn ? "play \(name)" : "play \(name) to its end"
            case .stopPlaying: return "stop"
            case .listen: return "listen"
            case .transfer(let destination, let outputs):
                return "transfer to \(destination) \(Self.list(outputs))"
            case .end(let outputs): return "end \(Self.list(outputs))"
            }
        }
    }

    private static func list(_ outputs: [String: String]) -> String {
        outputs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
}

@Suite struct ScriptRunnerTests {
    static let text = """
        start: welcome
        no_input: {after_ms: 5000, say: prompts/no-input.wav, attempts: 2, then: bye}
        steps:
          welcome:
            say: [{file: prompts/greeting.wav, barge_in: false}, prompts/how-can-i-help.wav]
            listen:
              - {digit: "0", then: sales}
              - {digit: "1", then: number}
              - {shorter_than_ms: 400, then: bye}
              - {longer_than_ms: 8000, then: sales}
              - {turn: 2, then: number}
              - then: answer
          answer:
            say: prompts/opening-hours.wav
            then: again
          again:
            say: prompts/anything-else.wav
            then: welcome-back
          welcome-back:
            listen: [{turn: 2, then: number}, {then: bye}]
          number:
            say: prompts/enter-number.wav
            collect:
              {into: pin, most_digits: 4, terminator: "#", between_digits_ms: 2000, then: sales}
          sales:
            say: {file: prompts/transfer.wav, barge_in: false}
            transfer: {to: sales, variables: {intent: buy}}
          bye:
            say: prompts/goodbye.wav
            end: {variables: {outcome: done}}
        """

    /// A call that has heard the welcome and is waiting.
    func waitingCall() throws -> ScriptedCall {
        var call = try ScriptedCall(Self.text)
        _ = call.handle(.callStarted)
        _ = call.hear()
        #expect(call.hear() == ["listen"])
        return call
    }

    /// A call that waits for the keys of `number`.
    func collectingCall() throws -> ScriptedCall {
        var call = try waitingCall()
        #expect(call.handle(.digit("1")) == ["play enter-number"])
        #expect(call.hear() == ["listen"])
        return call
    }

    @Test func speaksPromptsOneAfterTheOtherThenListens() throws {
        var call = try ScriptedCall(Self.text)
        #expect(call.handle(.callStarted) == ["play greeting to its end"])
        #expect(call.hear() == ["play how-can-i-help"])
        #expect(call.hear() == ["listen"])
        #expect(call.runner.deadline == call.clock.now + .milliseconds(5000))
    }

    @Test(arguments: [
        (300, "play goodbye"), (400, "play opening-hours"), (1500, "play opening-hours"),
        (8000, "play opening-hours"), (8001, "play transfer to its end"),
    ])
    func answersByTheLengthOfTheTurn(milliseconds: Int, action: String) throws {
        var call = try waitingCall()
        #expect(call.speak(.milliseconds(Int64(milliseconds))) == [action])
    }

    @Test(arguments: [
        ("0", "play transfer to its end"), ("1", "play enter-number"), ("7", "play opening-hours"),
    ])
    func answersByTheKey(key: Character, action: String) throws {
        var call = try waitingCall()
        #expect(call.handle(.digit(key)) == [action])
        #expect(call.runner.answeredTurns == 0)
    }

    @Test func answersByTheNumberOfTheTurn() throws {
        var call = try waitingCall()
        #expect(call.speak(.milliseconds(1000)) == ["play opening-hours"])
        #expect(call.hear() == ["play anything-else"])
        #expect(call.hear() == ["listen"])
        #expect(call.speak(.milliseconds(1000)) == ["play enter-number"])
    }

    @Test func bargeInSkipsToTheNextStepThatWaits() throws {
        var call = try waitingCall()
        _ = call.speak(.milliseconds(1000))
        #expect(call.handle(.speechStarted) == [])
        #expect(call.handle(.bargeIn) == ["listen"])
        call.clock.advance(by: .milliseconds(900))
        #expect(
            call.handle(.turnEnded(duration: .milliseconds(900))) == ["play enter-number"])
    }

    @Test func bargeInDoesNotSkipWhatMustBeHeard() throws {
        var call = try ScriptedCall(Self.text)
        _ = call.handle(.callStarted)
        #expect(call.handle(.bargeIn) == [])
        #expect(call.handle(.digit("0")) == [])
        #expect(call.hear() == ["play how-can-i-help"])
    }

    @Test func aTurnThatEndsDuringAPromptIsNoAnswer() throws {
        var call = try ScriptedCall(Self.text)
        _ = call.handle(.callStarted)
        #expect(call.speak(.milliseconds(700)) == [])
        #expect(call.runner.answeredTurns == 0)
        #expect(call.hear() == ["play how-can-i-help"])
    }

    @Test func aTurnThatOutlastsThePromptIsTheAnswer() throws {
        var call = try ScriptedCall(Self.text)
        _ = call.handle(.callStarted)
        _ = call.hear()
        _ = call.handle(.speechStarted)
        #expect(call.hear() == ["listen"])
        #expect(call.after(.milliseconds(5000)) == [])
        #expect(
            call.handle(.turnEnded(duration: .milliseconds(5200))) == ["play opening-hours"])
    }

    @Test func aKeyInterruptsAndAnswersAtOnce() throws {
        var call = try ScriptedCall(Self.text)
        _ = call.handle(.callStarted)
        _ = call.hear()
        #expect(call.handle(.digit("0")) == ["stop", "listen", "play transfer to its end"])
    }

    @Test func aLateReportAboutAnOlderPromptDoesNothing() throws {
        var call = try waitingCall()
        _ = call.speak(.milliseconds(1000))
        let older = try #require(call.playing)
        #expect(call.hear() == ["play anything-else"])
        #expect(call.handle(.promptFinished(older)) == [])
        #expect(call.hear() == ["listen"])
    }

    @Test func silenceIsAskedAboutAndThenGivenUp() throws {
        var call = try waitingCall()
        for _ in 1...2 {
            #expect(call.after(.milliseconds(4999)) == [])
            #expect(call.after(.milliseconds(1)) == ["play no-input"])
            #expect(call.after(.milliseconds(9000)) == [])
            #expect(call.hear() == ["listen"])
        }
        #expect(call.after(.milliseconds(5000)) == ["play goodbye"])
        #expect(call.hear() == ["end outcome=done"])
    }

    @Test func anAnswerStartsTheAttemptsAnew() throws {
        var call = try collectingCall()
        for _ in 1...2 {
            #expect(call.after(.milliseconds(5000)) == ["play no-input"])
            #expect(call.hear() == ["listen"])
        }
        #expect(call.after(.milliseconds(5000)) == ["play goodbye"])
    }

    @Test func speechHoldsTheSilenceTimerButNotForEver() throws {
        var call = try waitingCall()
        _ = call.after(.milliseconds(4900))
        #expect(call.handle(.speechStarted) == [])
        #expect(call.after(.milliseconds(59_999)) == [])
        #expect(call.after(.milliseconds(1)) == ["play no-input"])
    }

    @Test func collectsKeysUpToTheMost() throws {
        var call = try collectingCall()
        #expect("123".flatMap { call.handle(.digit($0)) } == [])
        #expect(call.handle(.digit("4")) == ["play transfer to its end"])
        #expect(call.hear() == ["transfer to sales intent=buy,pin=1234"])
        #expect(call.runner.isOver)
    }

    @Test func collectsKeysUpToTheTerminator() throws {
        var call = try collectingCall()
        #expect("12#".flatMap { call.handle(.digit($0)) } == ["play transfer to its end"])
        #expect(call.runner.variables == ["pin": "12"])
    }

    @Test func collectsKeysUpToAPause() throws {
        var call = try collectingCall()
        #expect(call.handle(.digit("9")) == [])
        #expect(call.after(.milliseconds(1999)) == [])
        #expect(call.handle(.digit("8")) == [])
        #expect(call.after(.milliseconds(1999)) == [])
        #expect(call.after(.milliseconds(1)) == ["play transfer to its end"])
        #expect(call.runner.variables == ["pin": "98"])
    }

    @Test func theTerminatorAloneIsNoInput() throws {
        var call = try collectingCall()
        #expect(call.handle(.digit("#")) == ["play no-input"])
        #expect(call.runner.deadline == nil)
        #expect(call.hear() == ["listen"])
    }

    @Test func theKeyThatInterruptsIsTheFirstOneCollected() throws {
        var call = try waitingCall()
        _ = call.handle(.digit("1"))
        #expect(call.handle(.digit("5")) == ["stop", "listen"])
        #expect(call.handle(.digit("#")) == ["play transfer to its end"])
        #expect(call.runner.variables == ["pin": "5"])
    }

    @Test func speechWhileCollectingChangesNothing() throws {
        var call = try collectingCall()
        let deadline = call.runner.deadline
        #expect(call.speak(.milliseconds(300)) == [])
        #expect(call.runner.deadline == deadline)
    }

    @Test func charactersThatAreNoKeysAreIgnored() throws {
        var call = try waitingCall()
        #expect(call.handle(.digit("x")) == [])
        #expect(call.handle(.digit("٣")) == [])
    }

    @Test func nothingHappensAfterTheCallerHungUp() throws {
        var call = try waitingCall()
        #expect(call.handle(.callerHungUp) == [])
        #expect(call.runner.isOver && call.runner.deadline == nil)
        #expect(call.speak(.milliseconds(1000)) == [])
        #expect(call.handle(.digit("0")) == [])
        #expect(call.after(.seconds(3600)) == [])
    }

    @Test func nothingHappensBeforeTheCallStartsNorWhenItStartsTwice() throws {
        var call = try ScriptedCall(Self.text)
        #expect(call.speak(.milliseconds(1000)) == [])
        #expect(call.handle(.bargeIn) == [])
        #expect(call.handle(.callStarted) == ["play greeting to its end"])
        #expect(call.handle(.callStarted) == [])
    }

    /// Whatever happens in whatever order, a call either plays, has a deadline, or is over.
    @Test(arguments: [UInt64](1...20))
    func noCallIsEverStuck(seed: UInt64) throws {
        var call = try ScriptedCall(Self.text)
        var random = seed
        func next(_ bound: UInt64) -> UInt64 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (random >> 33) % bound
        }
        _ = call.handle(.callStarted)
        for _ in 0..<300 where !call.runner.isOver {
            switch next(7) {
            case 0: _ = call.handle(.speechStarted)
            case 1: _ = call.handle(.turnEnded(duration: .milliseconds(Int64(next(9000)))))
            case 2: _ = call.handle(.bargeIn)
            case 3: _ = call.handle(.digit(Array("0123#*")[Int(next(6))]))
            case 4: _ = call.after(.milliseconds(Int64(next(7000))))
            default: _ = call.hear()
            }
            let reasonsToGoOn = [
                call.runner.isOver, call.runner.deadline != nil, call.playing != nil,
            ]
            #expect(reasonsToGoOn.count { $0 } == 1, "seed \(seed)")
        }
    }

    @Test func theDefaultScriptCarriesADemonstrationCall() throws {
        let text = try String(contentsOf: Script.defaultURL, encoding: .utf8)
        var call = try ScriptedCall(text)
        #expect(call.handle(.callStarted) == ["play greeting to its end"])
        #expect(call.hear() == ["play how-can-i-help"])
        #expect(call.hear() == ["listen"])
        #expect(call.speak(.milliseconds(1400)) == ["play opening-hours"])
        #expect(call.hear() == ["play anything-else"])
        #expect(call.hear() == ["listen"])
        #expect(call.speak(.milliseconds(3000)) == ["play one-moment"])
        #expect(call.hear() == ["play order-status"])
        #expect(call.hear() == ["play anything-else"])
        #expect(call.hear() == ["listen"])
        #expect(call.speak(.milliseconds(865)) == ["play goodbye to its end"])
        #expect(call.hear() == ["end outcome=completed"])
    }
}
