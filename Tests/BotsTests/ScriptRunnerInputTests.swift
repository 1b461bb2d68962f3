// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import MediaServer
import Testing

@testable import Bots

/// What platforms that gather input themselves tell a script, and what it tells them.
@Suite struct ScriptRunnerInputTests {
    private static let text = """
        start: welcome
        no_input: {after_ms: 5000, say: prompts/no-input.wav, attempts: 1, then: bye}
        steps:
          welcome:
            say: [{file: prompts/greeting.wav, barge_in: false}, prompts/how-can-i-help.wav]
            listen: [{digit: "1", then: number}, {event: paid, then: bye}, {then: sales}]
          number:
            event: asks
            say: prompts/enter-number.wav
            sensitive: true
            collect:
              {into: pin, most_digits: 4, terminator: "#", between_digits_ms: 2000, then: sales}
          sales:
            event: done
            transfer: {to: sales, variables: {intent: buy}, summary: "PIN {pin}, wants to {intent}."}
          bye:
            say: prompts/goodbye.wav
            end: {summary: "Left. {pin}"}
        """

    private static let number = ["event asks ", "play enter-number", "listen for keys"]
    private static let bye = ["play goodbye", "end Left. "]

    private func waitingCall() throws -> ScriptedCall {
        var call = try ScriptedCall(Self.text)
        _ = call.handle(.callStarted)
        #expect(call.hear() == [] && call.hear() == [])
        return call
    }

    private func collectingCall() throws -> ScriptedCall {
        var call = try waitingCall()
        #expect(call.handle(.digit("1")) == Self.number)
        #expect(call.handle(.digitsCompleted) == [])
        #expect(call.hear() == [])
        return call
    }

    @Test func saysWhatItExpects() throws {
        let waiting = try waitingCall()
        #expect(waiting.expectation?.modes == .voiceAndDigits)
        #expect(waiting.expectation?.digits?.maximumCount == 1)
        #expect(waiting.expectation?.noInputTimeout == .milliseconds(5000))
        #expect(waiting.expectation?.isSensitive == false)
        let collecting = try collectingCall()
        #expect(
            collecting.expectation
                == InputExpectation(
                    .digits,
                    digits: .init(
                        maximumCount: 4, terminator: DTMFDigit("#"), between: .milliseconds(2000)),
                    isSensitive: true, noInputTimeout: .milliseconds(5000)))
    }

    @Test func fewerKeysThanTheMostAreCompleteWhenThePlatformSaysSo() throws {
        var call = try collectingCall()
        #expect(call.handle(.digit("4")) == [])
        #expect(call.handle(.digit("2")) == [])
        #expect(
            call.handle(.digitsCompleted)
                == [
                    "event done pin=42", "transfer to sales intent=buy,pin=42PIN 42, wants to buy.",
                ]
        )
        #expect(call.runner.isOver)
    }

    @Test func anInputWithoutKeysIsNoInput() throws {
        var call = try collectingCall()
        #expect(call.handle(.digitsCompleted) == ["play no-input", "listen for keys"])
        #expect(call.hear() == [])
        #expect(call.handle(.digitsCompleted) == Self.bye)
        #expect(call.runner.missedInputs == 2)
    }

    @Test func theTerminatorAloneIsMissedOnce() throws {
        var call = try collectingCall()
        #expect(call.handle(.digit("#")) == ["play no-input", "listen for keys"])
        #expect(call.handle(.digitsCompleted) == [])
        #expect(call.runner.missedInputs == 1)
    }

    @Test func keysThatCameTooEarlyGetNoAnswerButTheirInputIsOver() throws {
        var call = try ScriptedCall(Self.text)
        _ = call.handle(.callStarted)
        #expect(call.handle(.digit("1")) == [])
        #expect(call.handle(.digitsCompleted) == ["listen"])
        #expect(call.runner.missedInputs == 0)
    }

    @Test func thePlatformsTimerActsAtOnce() throws {
        var call = try waitingCall()
        #expect(call.handle(.noInput) == ["play no-input", "listen"])
        #expect(call.hear() == [])
        #expect(call.handle(.noInput) == Self.bye)
    }

    @Test func thePlatformKnowsWhenItHasPlayedEverything() throws {
        var call = try ScriptedCall(Self.text)
        _ = call.handle(.callStarted)
        let older = try #require(call.playing)
        #expect(call.handle(.noInput) == ["play no-input", "listen"])
        #expect(call.handle(.promptFinished(older)) == [])
        #expect(call.runner.deadline == nil)
    }

    @Test func thePlatformsTimerComesBeforeOurs() throws {
        var call = try ScriptedCall(Self.text)
        call.runner.noInputGrace = .seconds(5)
        _ = call.handle(.callStarted)
        #expect(call.hear() == [] && call.hear() == [])
        #expect(call.after(.milliseconds(9999)) == [])
        #expect(call.after(.milliseconds(1)) == ["play no-input", "listen"])
    }

    @Test func anEventLeadsWhereItsRuleSays() throws {
        var call = try waitingCall()
        #expect(call.handle(.event("unpaid")) == ["listen"])
        #expect(call.handle(.event("paid")) == Self.bye)
    }

    @Test func anEventInterruptsWhatMayBeInterrupted() throws {
        var call = try ScriptedCall(Self.text)
        _ = call.handle(.callStarted)
        #expect(call.handle(.event("paid")) == ["listen"])
        #expect(call.hear() == [])
        #expect(call.handle(.event("paid")) == ["stop"] + Self.bye)
    }

    @Test func anEventIsSentOnceHoweverOftenItsStepIsSpoken() throws {
        var call = try waitingCall()
        #expect(call.handle(.digit("1")) == Self.number)
        #expect(call.handle(.bargeIn) == [])
        #expect(call.speak(.milliseconds(500)) == ["listen for keys"])
    }
}
