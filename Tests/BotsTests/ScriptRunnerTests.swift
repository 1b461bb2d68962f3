// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import Testing

@testable import Bots

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

    static let mixed = """
        start: a
        steps:
          a:
            say: [prompts/how-can-i-help.wav, {file: prompts/greeting.wav, barge_in: false}]
            then: b
          b:
            say: [prompts/anything-else.wav, {file: prompts/transfer.wav, barge_in: false}]
            end: {}
        """

    static let sales = ["play transfer to its end", "transfer to sales intent=buy"]
    static let bye = ["play goodbye", "end outcome=done"]
    static let number = ["play enter-number", "listen for keys"]
    static let hours = ["play opening-hours", "play anything-else", "listen"]

    /// A call that has heard the welcome and is waiting.
    func waitingCall() throws -> ScriptedCall {
        var call = try ScriptedCall(Self.text)
        _ = call.handle(.callStarted)
        _ = call.hear()
        #expect(call.hear() == [])
        return call
    }

    /// A call that waits for the keys of `number`.
    func collectingCall() throws -> ScriptedCall {
        var call = try waitingCall()
        #expect(call.handle(.digit("1")) == Self.number)
        #expect(call.hear() == [])
        return call
    }

    @Test func saysAllItHasToSayAtOnceAndWaitsFromItsEndOn() throws {
        var call = try ScriptedCall(Self.text)
        #expect(
            call.handle(.callStarted)
                == ["play greeting to its end", "play how-can-i-help", "listen"])
        #expect(call.hear() == [])
        #expect(call.runner.deadline == nil)
        call.clock.advance(by: .milliseconds(4000))
        #expect(call.hear() == [])
        #expect(call.runner.deadline == call.clock.now + .milliseconds(5000))
    }

    @Test(arguments: [
        (300, bye), (400, hours), (1500, hours), (8000, hours), (8001, sales),
    ])
    func answersByTheLengthOfTheTurn(milliseconds: Int, actions: [String]) throws {
        var call = try waitingCall()
        #expect(call.speak(.milliseconds(Int64(milliseconds))) == actions)
    }

    @Test(arguments: [("0", sales), ("1", number), ("7", hours)])
    func answersByTheKey(key: String, actions: [String]) throws {
        var call = try waitingCall()
        #expect(key.flatMap { call.handle(.digit($0)) } == actions)
        #expect(call.runner.answeredTurns == 0)
    }

    @Test func answersByTheNumberOfTheTurn() throws {
        var call = try waitingCall()
        #expect(call.speak(.milliseconds(1000)) == Self.hours)
        #expect(call.hear() == [] && call.hear() == [])
        #expect(call.speak(.milliseconds(1000)) == Self.number)
    }

    @Test func bargeInSkipsToTheNextStepThatWaits() throws {
        var call = try waitingCall()
        _ = call.speak(.milliseconds(1000))
        #expect(call.handle(.speechStarted) == [])
        // Nothing is left to say, and the caller is already at it: the answer ends this turn.
        #expect(call.handle(.bargeIn) == [])
        call.clock.advance(by: .milliseconds(900))
        #expect(call.handle(.turnEnded(duration: .milliseconds(900))) == Self.number)
    }

    @Test func bargeInSaysAnewWhatMustBeHeard() throws {
        var call = try ScriptedCall(Self.mixed)
        #expect(
            call.handle(.callStarted) == [
                "play how-can-i-help", "play greeting to its end", "play anything-else",
                "play transfer to its end", "end ",
            ])
        #expect(
            call.handle(.bargeIn)
                == ["play greeting to its end", "play transfer to its end", "end "])
        #expect(call.hear() == [] && call.hear() == [])
        #expect(call.runner.isOver)
    }

    @Test func aClearedUtteranceThatMustBeHeardIsSaidAgain() throws {
        var call = try ScriptedCall(Self.text)
        _ = call.handle(.callStarted)
        #expect(call.handle(.bargeIn) == ["play greeting to its end", "listen"])
    }

    @Test func aKeyDoesNotSkipWhatMustBeHeard() throws {
        var call = try ScriptedCall(Self.text)
        _ = call.handle(.callStarted)
        #expect(call.handle(.digit("0")) == [])
        #expect(call.hear() == [])
        #expect(call.handle(.digit("0")) == ["stop"] + Self.sales)
    }

    @Test func aTurnThatEndsDuringAPromptIsNoAnswer() throws {
        var call = try ScriptedCall(Self.text)
        _ = call.handle(.callStarted)
        #expect(call.speak(.milliseconds(700)) == ["listen"])
        #expect(call.runner.answeredTurns == 0)
        #expect(call.hear() == [] && call.hear() == [])
        #expect(call.runner.deadline != nil)
    }

    @Test func aTurnThatEndsDuringTheLastWordsChangesNothing() throws {
        var call = try waitingCall()
        _ = call.handle(.digit("0"))
        #expect(call.speak(.milliseconds(700)) == [])
        #expect(call.hear() == [])
        #expect(call.runner.isOver)
    }

    @Test func aTurnThatOutlastsThePromptIsTheAnswer() throws {
        var call = try ScriptedCall(Self.text)
        _ = call.handle(.callStarted)
        _ = call.hear()
        _ = call.handle(.speechStarted)
        #expect(call.hear() == [])
        #expect(call.after(.milliseconds(5000)) == [])
        #expect(call.handle(.turnEnded(duration: .milliseconds(5200))) == Self.hours)
    }

    @Test func aKeyInterruptsAndAnswersAtOnce() throws {
        var call = try ScriptedCall(Self.text)
        _ = call.handle(.callStarted)
        _ = call.hear()
        #expect(call.handle(.digit("0")) == ["stop"] + Self.sales)
    }

    @Test func aLateReportAboutAnOlderPromptDoesNothing() throws {
        var call = try waitingCall()
        _ = call.speak(.milliseconds(1000))
        let older = try #require(call.playing)
        #expect(call.hear() == [])
        #expect(call.handle(.promptFinished(older)) == [])
        #expect(call.runner.deadline == nil)
        #expect(call.hear() == [])
        #expect(call.runner.deadline != nil)
    }

    @Test func aReportThatNeverCameIsMadeUpForByTheNext() throws {
        var call = try waitingCall()
        _ = call.speak(.milliseconds(1000))
        let last = try #require(call.queued.last)
        #expect(call.handle(.promptFinished(last)) == [])
        #expect(call.runner.deadline != nil)
    }

    @Test func silenceIsAskedAboutAndThenGivenUp() throws {
        var call = try waitingCall()
        for count in 1...2 {
            #expect(call.after(.milliseconds(4999)) == [])
            #expect(call.after(.milliseconds(1)) == ["play no-input", "listen"])
            #expect(call.runner.missedInputs == count)
            #expect(call.after(.milliseconds(9000)) == [])
            #expect(call.hear() == [])
        }
        #expect(call.after(.milliseconds(5000)) == Self.bye)
        #expect(!call.runner.isOver)
        #expect(call.hear() == [])
        #expect(call.runner.isOver)
    }

    @Test func anAnswerStartsTheAttemptsAnew() throws {
        var call = try collectingCall()
        for _ in 1...2 {
            #expect(call.after(.milliseconds(5000)) == ["play no-input", "listen for keys"])
            #expect(call.hear() == [])
        }
        #expect(call.after(.milliseconds(5000)) == Self.bye)
    }

    @Test func speechHoldsTheSilenceTimerButNotForEver() throws {
        var call = try waitingCall()
        _ = call.after(.milliseconds(4900))
        #expect(call.handle(.speechStarted) == [])
        #expect(call.after(.milliseconds(59_999)) == [])
        #expect(call.after(.milliseconds(1)) == ["play no-input", "listen"])
    }

    @Test func collectsKeysUpToTheMost() throws {
        var call = try collectingCall()
        #expect("123".flatMap { call.handle(.digit($0)) } == [])
        #expect(
            call.handle(.digit("4"))
                == ["play transfer to its end", "transfer to sales intent=buy,pin=1234"])
        #expect(!call.runner.isOver)
        #expect(call.hear() == [])
        #expect(call.runner.isOver)
    }

    @Test func collectsKeysUpToTheTerminator() throws {
        var call = try collectingCall()
        #expect("12#".flatMap { call.handle(.digit($0)) }.first == "play transfer to its end")
        #expect(call.runner.variables == ["pin": "12"])
    }

    @Test func collectsKeysUpToAPause() throws {
        var call = try collectingCall()
        #expect(call.handle(.digit("9")) == [])
        #expect(call.after(.milliseconds(1999)) == [])
        #expect(call.handle(.digit("8")) == [])
        #expect(call.after(.milliseconds(1999)) == [])
        #expect(call.after(.milliseconds(1)).first == "play transfer to its end")
        #expect(call.runner.variables == ["pin": "98"])
        #expect(call.runner.missedInputs == 0)
    }

    @Test func theTerminatorAloneIsNoInput() throws {
        var call = try collectingCall()
        #expect(call.handle(.digit("#")) == ["play no-input", "listen for keys"])
        #expect(call.runner.deadline == nil)
        #expect(call.hear() == [])
        #expect(call.runner.deadline != nil)
    }

    @Test func theKeyThatInterruptsIsTheFirstOneCollected() throws {
        var call = try waitingCall()
        _ = call.handle(.digit("1"))
        #expect(call.handle(.digit("5")) == ["stop"])
        #expect(call.handle(.digit("#")).first == "play transfer to its end")
        #expect(call.runner.variables == ["pin": "5"])
    }

    @Test func speechWhileCollectingChangesNothing() throws {
        var call = try collectingCall()
        let deadline = call.runner.deadline
        #expect(call.speak(.milliseconds(300)) == ["listen for keys"])
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
        #expect(call.handle(.noInput) == [])
        #expect(call.after(.seconds(3600)) == [])
    }

    @Test func nothingHappensBeforeTheCallStartsNorWhenItStartsTwice() throws {
        var call = try ScriptedCall(Self.text)
        #expect(call.speak(.milliseconds(1000)) == [])
        #expect(call.handle(.bargeIn) == [])
        #expect(call.handle(.noInput) == [])
        #expect(call.handle(.callStarted).count == 3)
        #expect(call.handle(.callStarted) == [])
    }

    @Test func aScriptThatNeverStopsSpeakingIsSaidAsItIsHeard() throws {
        var call = try ScriptedCall(
            """
            start: a
            steps:
              a: {say: [prompts/greeting.wav, prompts/goodbye.wav], then: b}
              b: {say: prompts/transfer.wav, then: a}
            """)
        #expect(call.handle(.callStarted).count == ScriptRunner.longestQueue)
        for _ in 0..<100 { #expect(call.hear().count == 1) }
        #expect(call.handle(.bargeIn).count == ScriptRunner.longestQueue)
        #expect(call.speak(.milliseconds(500)) == [])
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
            switch next(10) {
            case 0: _ = call.handle(.speechStarted)
            case 1: _ = call.handle(.turnEnded(duration: .milliseconds(Int64(next(9000)))))
            case 2: _ = call.handle(.bargeIn)
            case 3: _ = call.handle(.digit(Array("0123#*")[Int(next(6))]))
            case 4: _ = call.after(.milliseconds(Int64(next(7000))))
            case 5: _ = call.handle(.digitsCompleted)
            case 6: _ = call.handle(.noInput)
            default: _ = call.hear()
            }
            let waited = call.runner.queue.map(\.id)
            let reasonsToGoOn = [
                call.runner.isOver, call.runner.deadline != nil, !waited.isEmpty,
            ]
            #expect(reasonsToGoOn.count { $0 } == 1, "seed \(seed)")
            #expect(call.queued.suffix(waited.count) == waited[...], "seed \(seed)")
        }
    }

    @Test func theDefaultScriptCarriesADemonstrationCall() throws {
        let text = try String(contentsOf: Script.defaultURL, encoding: .utf8)
        var call = try ScriptedCall(text)
        #expect(
            call.handle(.callStarted)
                == ["play greeting to its end", "play how-can-i-help", "listen"])
        #expect(call.hear() == [] && call.hear() == [])
        #expect(call.speak(.milliseconds(1400)) == Self.hours)
        #expect(call.hear() == [] && call.hear() == [])
        #expect(
            call.speak(.milliseconds(3000))
                == ["play one-moment", "play order-status", "play anything-else", "listen"])
        #expect(call.hear() == [] && call.hear() == [] && call.hear() == [])
        #expect(
            call.speak(.milliseconds(865))
                == ["play goodbye to its end", "end outcome=completed"])
        #expect(call.hear() == [])
        #expect(call.runner.isOver)
    }
}
