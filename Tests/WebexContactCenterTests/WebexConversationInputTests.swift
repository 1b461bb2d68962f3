// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import MediaServer
import SwiftProtobuf
import Testing
import WebexMessages

@testable import WebexContactCenter

/// Input that is no voice, and turns that come to nothing.
@Suite struct WebexConversationInputTests {
    private static let input = "VOICE_DTMF:1/3000/0"

    // MARK: Cancel

    @Test func aCancelledTurnIsDroppedAndTheCallGoesOn() {
        var scene = WebexScene.greeted()
        scene.openAudio(2)
        scene.audio(2)
        scene.speak()
        _ = scene.take()
        scene.cancel(2)
        scene.endTurn()
        scene.play(8000)
        scene.listen()
        #expect(scene.take() == ["suspend"])
        scene.openAudio(3)
        scene.audio(3)
        scene.speak()
        scene.endTurn()
        scene.play(800)
        #expect(
            scene.take() == [
                "resume", "3 FINAL START_OF_INPUT", "3 CHUNK END_OF_INPUT",
                "3 CHUNK [800!] \(Self.input)",
            ])
    }

    @Test func theRestOfACancelledAnswerIsDropped() {
        var scene = WebexScene.asked()
        scene.play(8000)
        scene.cancel(2)
        _ = scene.take()
        scene.play(8000)
        scene.listen()
        scene.openAudio(3)
        scene.play(800)
        #expect(scene.take() == ["3 CHUNK [800!] \(Self.input)"])
    }

    // MARK: Keys, no input, custom events

    @Test func keysAreMappedAndUnknownOnesLeftOut() {
        var scene = WebexScene.greeted()
        scene.digits([1, 9, 10, 11, 14, 15, 16, 0, 17], on: 2)
        #expect(
            scene.take() == [
                "noted unknownDigit", "noted unknownDigit", "digit 1", "digit 9", "digit 0",
                "digit A", "digit D", "digit *", "digit #", "digits completed",
            ])
    }

    @Test(arguments: [[], [16]])
    func withoutKeysThereWasNoInput(keys: [Int]) {
        var scene = WebexScene()
        scene.send(.sessionStart, on: 1)
        scene.listen(WebexConversationTranscriptTests.fourDigits)
        _ = scene.take()
        scene.digits(keys, on: 2)
        #expect(scene.take() == ["digits completed"])
        scene.play(800, bargeIn: false)
        scene.listen()
        #expect(
            scene.take() == [
                "2 CHUNK NO_INPUT [800] VOICE_DTMF:4/1500/16/8000", "2 FINAL \(Self.input)", "2 OK",
            ])
    }

    @Test func startOfDTMFHasAnRPCOfItsOwnOrNot() {
        var scene = WebexScene.asked()
        scene.play(8000)
        _ = scene.take()
        scene.send(.startOfDtmf, on: 3)
        #expect(
            scene.take() == ["clear", "2 FINAL \(Self.input)", "2 OK", "suspend", "3 OK"])
        scene.play(8000)
        #expect(scene.take() == [])
    }

    @Test func keysMakeTheAnswerUnderWayVoid() {
        var scene = WebexScene.asked()
        scene.send(WebexScene.request(.startOfDtmf), on: 2, opens: false)
        #expect(scene.take() == ["clear", "2 OK", "suspend"])
        scene.play(8000)
        scene.digits([5], on: 3)
        scene.play(800, response: 2)
        #expect(
            scene.take() == ["digit 5", "digits completed", "3 CHUNK [800!] \(Self.input)"])
    }

    @Test func noInputIsAnsweredWithARePrompt() {
        var scene = WebexScene.greeted()
        scene.send(.noInput, on: 2)
        #expect(scene.take() == ["no input"])
        scene.bot { conversation, _ in conversation.report(.noInput) }
        scene.play(800)
        scene.listen()
        #expect(
            scene.take() == [
                "2 CHUNK NO_INPUT [800!] \(Self.input)", "2 FINAL \(Self.input)", "2 OK",
            ])
    }

    @Test(arguments: [WebexAnswerMode.chunk, .wav])
    func noMatchGoesWithTheAnswer(mode: WebexAnswerMode) {
        var scene = WebexScene.asked(mode)
        scene.bot { conversation, _ in conversation.report(.noMatch) }
        scene.play(800)
        scene.listen()
        #expect(
            scene.take().first
                == (mode == .chunk
                    ? "2 CHUNK NO_MATCH [800!] \(Self.input)"
                    : "2 FINAL NO_MATCH [858!] \(Self.input)"))
    }

    @Test func customEventsGoBothWays() {
        var request = WebexScene.request(.customEvent)
        request.eventInput.name = "balance"
        request.eventInput.parameters.fields["amount"] = .init(numberValue: 12.5)
        var scene = WebexScene.greeted()
        scene.send(request, on: 2)
        scene.halfClose(2)
        #expect(scene.take() == [#"custom balance ["amount=12.5"]"#])
        scene.bot { $0.send(CustomEvent(name: "one", values: ["a": "1"]), at: $1) }
        scene.bot { $0.send(CustomEvent(name: "two"), at: $1) }
        scene.listen()
        #expect(
            scene.take() == [
                "2 CHUNK CUSTOM_EVENT(one) a=1", "2 FINAL CUSTOM_EVENT(two) \(Self.input)", "2 OK",
            ])
        scene.openAudio(3)
        scene.bot { $0.send(CustomEvent(name: "three"), at: $1) }
        #expect(scene.take() == ["3 CHUNK CUSTOM_EVENT(three)"])
    }

    @Test func theBotSpeaksUnasked() {
        var scene = WebexScene.greeted()
        scene.openAudio(2)
        scene.audio(2)
        _ = scene.take()
        scene.bot { conversation, _ in conversation.report(.noInput) }
        scene.play(800)
        scene.listen()
        #expect(
            scene.take() == [
                "2 CHUNK NO_INPUT [800!] \(Self.input)", "2 FINAL \(Self.input)", "2 OK", "suspend",
            ])
    }
}
