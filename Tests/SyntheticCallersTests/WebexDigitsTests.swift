// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import SyntheticCallers
import Testing
import WebexMessages

@Suite struct WebexDigitsTests {
    private func dialling(_ keys: String, at milliseconds: Int64 = 300) -> CallerScript {
        CallerScript(steps: [.init(.at(.milliseconds(milliseconds)), .dial(keys))])
    }

    /// How the digits of a call end: what the server asks for, the keys, what it gets and when.
    @Test(arguments: [
        (Int32(4), "4711", "4711", Int64(1050)),
        (2, "4711", "47", 550),
        (0, "420#", "420#", 1050),
        (0, "42", "42", 2550),
    ])
    func digitsAreCollectedUntilTheyAreComplete(
        _ length: Int32, _ keys: String, _ digits: String, _ at: Int64
    ) throws {
        var scene = WebexScene(script: dialling(keys))
        try scene.welcome(
            800, input: .input(length: length, terminator: .dtmfDigitPound, interDigit: 2000))
        scene.run(milliseconds: 3000)
        let index = try #require(scene.rpcs.firstIndex { !$0.digits.isEmpty })
        let rpc = scene.rpcs[index]
        #expect(rpc.digits == digits.map { WebexDTMFDigits(key: $0) })
        #expect(rpc.openedAt == .milliseconds(at))
        #expect(rpc.halfClosedAt == .milliseconds(at))
        #expect(rpc.requests.count == 1)
    }

    @Test func zeroIsTenOnTheWire() {
        #expect(WebexDTMFDigits(key: "0")?.rawValue == 10)
        #expect(WebexDTMFDigits(key: "9")?.rawValue == 9)
        #expect(WebexDTMFDigits(key: "*")?.rawValue == 15)
        #expect(WebexDTMFDigits(key: "#")?.rawValue == 16)
        #expect(WebexDTMFDigits(key: "x") == nil)
    }

    @Test func theTerminatorCanBeLeftOut() throws {
        var options = WebexCallOptions(seed: 7)
        options.includesTerminator = false
        var scene = WebexScene(options, script: dialling("#"))
        try scene.welcome(800, input: .input(terminator: .dtmfDigitPound))
        scene.run(milliseconds: 400)
        let last = try #require(scene.rpcs.last)
        #expect(last.requests.last?.message.dtmfInput.dtmfEvents == [])
        #expect(last.requests.last?.message.voiceVaInputType != nil)
    }

    @Test func theFirstKeyEndsTheAudioRPC() throws {
        var scene = WebexScene(script: dialling("4"))
        try scene.welcome(800, input: .input(length: 4))
        scene.run(milliseconds: 500)
        #expect(scene.rpcs.count == 2)
        #expect(scene.rpcs[1].event == .startOfDtmf)
        #expect(scene.rpcs[1].requests.last?.at == .milliseconds(300))
        #expect(scene.rpcs[1].halfClosedAt == .milliseconds(300))
        #expect(scene.rules == [])
    }

    @Test func orItHasAnRPCOfItsOwn() throws {
        var options = WebexCallOptions(seed: 7)
        options.startsDigitsOnAudioRPC = false
        var scene = WebexScene(options, script: dialling("4"))
        try scene.welcome(800, input: .input(length: 4))
        scene.run(milliseconds: 500)
        #expect(scene.rpcs.count == 3)
        #expect(scene.rpcs[1].halfClosedAt == .milliseconds(300))
        #expect(scene.rpcs[1].event == nil)
        #expect(scene.rpcs[2].event == .startOfDtmf)
        scene.complete(1)
        #expect(scene.rules == [])
    }

    @Test func withDigitsOnlyThereIsNoAudioRPC() throws {
        var scene = WebexScene(script: dialling("42"))
        try scene.welcome(800, input: .input(.inputEventDtmf, length: 2))
        scene.run(milliseconds: 1000)
        #expect(scene.rpcs.map(\.isVoice) == [false, false, false])
        #expect(scene.rpcs[1].event == .startOfDtmf)
        #expect(scene.rpcs[2].digits.count == 2)
        #expect(scene.rpcs[2].openedAt == .milliseconds(550))
        try scene.answer(.wav(800), on: 2)
        scene.run(milliseconds: 200)
        // What the answer asks for holds now: both.
        #expect(scene.rpcs[3].isVoice)
    }

    @Test func withVoiceOnlyKeysAreDropped() throws {
        var scene = WebexScene(script: dialling("42"))
        try scene.welcome(800, input: .input(.inputVoice, length: 2))
        scene.run(milliseconds: 1000)
        #expect(scene.rpcs.count == 2)
        #expect(scene.rpcs[1].event == nil)
    }

    @Test func aKeyCutsAPromptThatAllowsBargeIn() throws {
        var scene = WebexScene(script: dialling("42"))
        try scene.say(.chunk(8000, bargeIn: true), on: 0)
        scene.run(milliseconds: 310)
        #expect(scene.report.responses.first?.dropped == Milliseconds(700))
        // The rest of the answer is stale, its end is not.
        try scene.answer(.empty, on: 0)
        #expect(scene.rules == [])
    }

    @Test func digitsAreAnswered() throws {
        var scene = WebexScene(script: dialling("420#"))
        try scene.welcome(800, input: .input(terminator: .dtmfDigitPound))
        scene.run(milliseconds: 1100)
        scene.complete(1)
        var answer = WebexVoiceVAResponse.wav(800, event: .transferToAgent)
        answer.sessionSummary.text = "account 420"
        try scene.answer(answer, on: 2)
        scene.run(milliseconds: 200)
        #expect(scene.isFinished)
        #expect(scene.rules == [])
    }
}
