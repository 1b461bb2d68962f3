// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import SyntheticCallers
import Testing
import WebexMessages

/// Each rule broken once, by a server that is right in all else.
@Suite struct WebexViolationTests {
    @Test func undecodable() throws {
        var scene = WebexScene()
        scene.sayRaw([0x0A, 0xFF, 0x01], on: 0)
        #expect(scene.rules == [.undecodable])
    }

    @Test func unknownEnum() throws {
        var scene = WebexScene()
        var response = WebexVoiceVAResponse.wav(800)
        response.inputMode = .UNRECOGNIZED(9)
        response.outputEvents = [.of(.UNRECOGNIZED(77))]
        try scene.answer(response, on: 0)
        #expect(scene.rules == [.unknownEnum, .unknownEnum])
    }

    @Test func severalEvents() throws {
        var scene = try WebexScene.listening()
        var response = WebexVoiceVAResponse.event(.startOfInput)
        response.outputEvents.append(.of(.endOfInput))
        try scene.say(response, on: 1)
        #expect(scene.rules == [.severalEvents])
    }

    @Test func inputHandling() throws {
        var scene = WebexScene()
        var response = WebexVoiceVAResponse.wav(800)
        response.inputHandlingConfig.speechTimers.completeTimeoutMsec = -1
        try scene.answer(response, on: 0)
        #expect(scene.rules == [.inputHandling])
    }

    @Test func inputHandlingMissing() throws {
        var scene = WebexScene()
        var response = WebexVoiceVAResponse.wav(800)
        response.clearInputHandlingConfig()
        try scene.say(response, on: 0)
        #expect(scene.rules == [])
        scene.complete(0)
        #expect(scene.rules == [.inputHandlingMissing])
    }

    @Test func textNotLast() throws {
        var scene = WebexScene()
        var response = WebexVoiceVAResponse.wav(800)
        response.sessionTranscript.text = "hello"
        try scene.answer(response, on: 0)
        #expect(scene.rules == [.textNotLast])
    }

    @Test func staleOutput() throws {
        var scene = WebexScene()
        try scene.say(.chunk(8000, bargeIn: true), on: 0)
        scene.run(milliseconds: 100)
        try scene.say(.event(.startOfInput), on: 1)
        scene.run(milliseconds: 260)
        try scene.say(.chunk(800, bargeIn: true), on: 0)
        try scene.answer(.empty, on: 0)
        #expect(scene.rules == [.staleOutput])
    }

    @Test func partialNotAllowed() throws {
        var scene = try WebexScene.listening()
        var response = WebexVoiceVAResponse.empty
        response.responseType = .partial
        try scene.say(response, on: 1)
        #expect(scene.rules == [.partialNotAllowed])
    }

    @Test func partialAllowed() throws {
        var options = WebexCallOptions(seed: 7)
        options.allowsPartialResponses = true
        var scene = WebexScene(options)
        #expect(scene.rpcs[0].requests[0].message.allowPartialResponses)
        var response = WebexVoiceVAResponse.empty
        response.responseType = .partial
        try scene.say(response, on: 0)
        #expect(scene.rules == [])
    }

    @Test func secondFinal() throws {
        var scene = WebexScene()
        try scene.say(.wav(800), on: 0)
        try scene.answer(.wav(800), on: 0)
        #expect(scene.rules == [.secondFinal])
    }

    @Test func outputAfterFinal() throws {
        var scene = WebexScene()
        try scene.say(.chunk(800), on: 0)
        try scene.say(.empty, on: 0)
        try scene.say(.chunk(800), on: 0)
        scene.complete(0)
        #expect(scene.rules == [.outputAfterFinal])
    }

    @Test func outputAfterCompletion() throws {
        var scene = try WebexScene.listening()
        try scene.say(.wav(800), on: 0)
        #expect(scene.rules == [.outputAfterCompletion])
    }

    @Test func outputAfterEnd() throws {
        var scene = WebexScene()
        try scene.say(.chunk(800), on: 0)
        var response = WebexVoiceVAResponse.event(.transferToAgent)
        response.responseType = .chunk
        try scene.say(response, on: 0)
        try scene.say(.chunk(800), on: 0)
        try scene.answer(.empty, on: 0)
        scene.run(milliseconds: 200)
        #expect(scene.rules == [.outputAfterEnd])
        #expect(scene.isFinished)
    }

    @Test func eventOutOfPlace() throws {
        var scene = WebexScene()
        var response = WebexVoiceVAResponse.wav(800)
        response.outputEvents = [.of(.startOfInput)]
        try scene.answer(response, on: 0)
        #expect(scene.rules == [.eventOutOfPlace])
    }

    @Test func eventOnAnRPCThatCarriesNoAudioAnyMore() throws {
        var scene = WebexScene()
        try scene.say(.chunk(800, bargeIn: true), on: 0)
        try scene.answer(.empty, on: 0)
        scene.run(milliseconds: 200)
        try scene.say(.chunk(8000, bargeIn: true), on: 1)
        // What crossed our half-close on the way is in order.
        scene.run(milliseconds: 100)
        try scene.say(.event(.startOfInput), on: 1)
        #expect(scene.rules == [])
        #expect(scene.report.responses.last?.dropped == Milliseconds(900))
        try scene.answer(.empty, on: 1)
        scene.run(milliseconds: 100)
        #expect(scene.rpcs.count == 3)
        try scene.say(.event(.endOfInput), on: 2)
        #expect(scene.rules == [])
    }

    @Test func eventTooLateOnAnRPCThatCarriesNoAudioAnyMore() throws {
        var scene = try WebexScene.asked()
        try scene.say(.wav(8000), on: 1)
        scene.run(milliseconds: 300)
        try scene.say(.event(.startOfInput), on: 1)
        #expect(scene.rules == [.secondFinal, .eventOutOfPlace])
    }

    @Test func anEventForTheFlowDoesNotCloseTheAnswer() throws {
        var scene = try WebexScene.asked()
        try scene.say(.event(.noMatch), on: 1)
        try scene.say(.event(.customEvent), on: 1)
        try scene.answer(.wav(800), on: 1)
        #expect(scene.rules == [])
    }

    @Test func startOfInputDuringPrompt() throws {
        var scene = WebexScene()
        var response = WebexVoiceVAResponse.wav(1600, bargeIn: true)
        response.prompts.append(response.prompts[0])
        response.prompts[1].isBargeInEnabled = false
        try scene.answer(response, on: 0)
        scene.run(milliseconds: 100)
        // The second prompt plays from 200 to 400 ms: no audio flows, and nothing may be heard.
        scene.run(milliseconds: 200)
        try scene.say(.event(.startOfInput), on: 1)
        scene.run(milliseconds: 150)
        let frames = try #require(scene.rpcs.last?.frames)
        #expect(frames.count { $0.at < .milliseconds(200) } == 9)
        #expect(frames.count { $0.at >= .milliseconds(200) && $0.at < .milliseconds(400) } == 0)
        #expect(frames.count { $0.at >= .milliseconds(400) } == 3)
        #expect(scene.rules == [.startOfInputDuringPrompt])
    }

    @Test func startOfInputDuringPromptOfAnEvent() throws {
        var scene = WebexScene(
            script: CallerScript(steps: [.init(.at(.milliseconds(150)), .event("news", [:]))]))
        try scene.welcome(800)
        scene.run(milliseconds: 200)
        try scene.answer(.wav(1600), on: 2)
        scene.run(milliseconds: 50)
        try scene.say(.event(.startOfInput), on: 1)
        #expect(scene.rules == [.startOfInputDuringPrompt])
        #expect(scene.report.responses.last?.dropped == Milliseconds(0))
    }

    @Test func endWithoutStart() throws {
        var scene = try WebexScene.listening()
        try scene.say(.event(.endOfInput), on: 1)
        #expect(scene.rules == [.endWithoutStart])
    }

    @Test func answerWithoutEnd() throws {
        var scene = try WebexScene.listening()
        try scene.say(.event(.startOfInput), on: 1)
        try scene.answer(.wav(800), on: 1)
        #expect(scene.rules == [.answerWithoutEnd])
    }

    @Test func endAndAnswerMayBeOne() throws {
        var scene = try WebexScene.listening()
        try scene.say(.event(.startOfInput), on: 1)
        try scene.answer(.wav(800, event: .endOfInput), on: 1)
        #expect(scene.rules == [])
    }

    @Test(arguments: [true, false])
    func responseToStartOfDigits(onAudioRPC: Bool) throws {
        var options = WebexCallOptions(seed: 7)
        options.startsDigitsOnAudioRPC = onAudioRPC
        var scene = WebexScene(
            options,
            script: CallerScript(steps: [.init(.at(.milliseconds(300)), .dial("4"))]))
        scene.isPolite = false
        try scene.welcome(800)
        scene.run(milliseconds: 310)
        if !onAudioRPC { scene.complete(1) }
        try scene.answer(.empty, on: onAudioRPC ? 1 : 2)
        #expect(scene.rules == [.responseToStartOfDigits])
    }

    @Test func responseLate() throws {
        var scene = try WebexScene.asked()
        scene.run(milliseconds: 501)
        try scene.answer(.wav(800), on: 1)
        #expect(scene.rules == [.responseLate])
    }

    @Test func noAnswer() throws {
        var scene = try WebexScene.asked()
        scene.complete(1)
        #expect(scene.rules == [.noAnswer])
    }

    @Test func noAnswerToSessionStart() throws {
        var scene = WebexScene()
        scene.complete(0)
        #expect(scene.rules == [.noAnswer])
    }

    @Test func anAudioRPCIsNotCompletedForNoReason() throws {
        var scene = try WebexScene.listening()
        scene.complete(1)
        #expect(scene.rules == [.noAnswer])
        // The call goes on with another.
        scene.run(milliseconds: 40)
        #expect(scene.rpcs.count == 3)
    }

    @Test func noFinal() throws {
        var scene = WebexScene()
        try scene.say(.chunk(800), on: 0)
        scene.complete(0)
        #expect(scene.rules == [.noFinal])
    }

    @Test func notCompleted() throws {
        var scene = WebexScene()
        try scene.say(.wav(800), on: 0)
        scene.run(milliseconds: 2100)
        #expect(scene.rules == [.notCompleted])
        #expect(scene.rpcs[0].isCancelled)
    }

    @Test func notCompletedAfterBargeIn() throws {
        var scene = WebexScene()
        try scene.say(.chunk(8000, bargeIn: true), on: 0)
        scene.run(milliseconds: 100)
        try scene.say(.event(.startOfInput), on: 1)
        scene.run(milliseconds: 2100)
        #expect(scene.rules == [.notCompleted])
    }

    @Test func notCompletedSessionEnd() throws {
        var scene = try WebexScene.listening()
        scene.isPolite = false
        scene.hangUp()
        scene.complete(1)
        scene.run(milliseconds: 2100)
        #expect(scene.rules == [.notCompleted])
        #expect(scene.isFinished)
    }

    @Test func noAnswerAtAll() throws {
        var scene = WebexScene()
        scene.run(milliseconds: 10_100)
        #expect(scene.rules == [.notCompleted])
        #expect(scene.isFinished)
        #expect(scene.report.ending.kind == .failed)
    }

    @Test func errorStatus() throws {
        var scene = try WebexScene.asked()
        scene.complete(1, status: "INTERNAL: oops")
        #expect(scene.rules == [.errorStatus])
        #expect(scene.isFinished)
        #expect(scene.report.ending.kind == .failed)
        #expect(scene.rpcs.last?.event == .sessionEnd)
    }

    @Test func aStallOfOurOwnIsNotBlamedOnTheServer() throws {
        var scene = WebexScene()
        try scene.say(.wav(800), on: 0)
        scene.clock.advance(by: .seconds(4))
        scene.platform.advance(to: scene.clock.now)
        scene.complete(0)
        #expect(scene.rules == [])
    }
}
