// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import MediaServer
import SwiftProtobuf
import Testing
import WebexMessages

@testable import WebexContactCenter

@Suite struct WebexConversationTests {
    private static let input = "VOICE_DTMF:1/3000/0"

    // MARK: The call begins

    @Test func flowInputsReachTheBot() {
        var request = WebexScene.request(.sessionStart, agent: "bot-b")
        request.vendorSpecificConfig = "{}"
        request.eventInput.parameters.fields["language"] = .init(stringValue: "de")
        request.eventInput.parameters.fields["retries"] = .init(numberValue: 2)
        request.eventInput.parameters.fields["deep"] = .init(listValue: .init(values: [true]))
        var conversation = WebexScene(.chunk).conversation
        conversation.open(WebexScene.id(1), at: MediaInstant(nanoseconds: 0))
        conversation.receive(request, on: WebexScene.id(1), at: MediaInstant(nanoseconds: 0))
        var actions: [WebexAction] = []
        conversation.takeActions(into: &actions)
        guard case .start(let start)? = actions.first else {
            Issue.record("no call was begun")
            return
        }
        #expect(start.virtualAgentID == "bot-b")
        #expect(
            start.inputs == [
                "vendor_specific_config": "{}", "language": "de", "retries": "2",
                "deep": "[true]",
            ])
    }

    @Test(arguments: [false, true])
    func inputWithoutSessionStartBeginsTheCall(withKeys: Bool) {
        var scene = WebexScene()
        if withKeys {
            scene.digits([7], on: 1)
            #expect(
                scene.take() == [
                    "start o-1/c-77 bot-a", "suspend", "digit 7", "digits completed",
                ])
        } else {
            scene.openAudio(1)
            scene.audio(1)
            #expect(scene.take() == ["start o-1/c-77 bot-a", "suspend", "resume"])
        }
        scene.play(800)
        scene.listen()
        #expect(
            scene.take().prefix(2) == ["1 CHUNK [800!] \(Self.input)", "1 FINAL \(Self.input)"])
    }

    @Test func aRepeatedSessionStartIsCompletedWithoutAResponse() {
        var scene = WebexScene.greeted()
        scene.send(.sessionStart, on: 2)
        #expect(scene.take() == ["noted repeatedSessionStart", "2 OK"])
    }

    @Test func aRefusedCallFailsItsRPCs() {
        var scene = WebexScene()
        scene.send(.sessionStart, on: 1)
        _ = scene.take()
        scene.bot { $0.refuse(.noCapacity, at: $1) }
        #expect(scene.take() == ["1 resourceExhausted: noCapacity"])
        #expect(scene.conversation.isForgettable(at: scene.now))
    }

    // MARK: Turns

    @Test func halfCloseDuringSpeechIsTheEndOfTheUtterance() {
        var scene = WebexScene.greeted()
        scene.openAudio(2)
        scene.audio(2)
        scene.speak()
        _ = scene.take()
        scene.halfClose(2)
        #expect(scene.take() == ["suspend"])
        scene.endTurn()
        #expect(scene.take() == ["2 CHUNK END_OF_INPUT"])
        scene.play(800)
        scene.listen()
        #expect(
            scene.take() == ["2 CHUNK [800!] \(Self.input)", "2 FINAL \(Self.input)", "2 OK"])
    }

    @Test func halfCloseInSilenceIsCompleted() {
        var scene = WebexScene.greeted()
        scene.openAudio(2)
        scene.audio(2)
        _ = scene.take()
        scene.halfClose(2)
        #expect(scene.take() == ["suspend", "2 FINAL \(Self.input)", "2 OK"])
    }

    @Test func startOfInputComesBeforeEndOfInputAtTheLatest() {
        var scene = WebexScene.greeted()
        scene.openAudio(2)
        scene.audio(2)
        _ = scene.take()
        scene.speak(whileBotIsAudible: true)
        #expect(scene.take() == [])
        scene.endTurn()
        #expect(scene.take() == ["2 FINAL START_OF_INPUT", "2 CHUNK END_OF_INPUT"])
    }

    @Test func speechIsAnnouncedOnceThePromptIsOver() {
        var scene = WebexScene()
        scene.send(.sessionStart, on: 1)
        scene.play(8000)
        scene.listen()
        scene.openAudio(2)
        scene.audio(2)
        _ = scene.take()
        scene.speak(whileBotIsAudible: true)
        scene.wait(999)
        scene.audio(2)
        #expect(scene.take() == [])
        scene.wait(1)
        scene.audio(2)
        #expect(scene.take() == ["2 FINAL START_OF_INPUT"])
        scene.audio(2)
        scene.endTurn()
        #expect(scene.take() == ["2 CHUNK END_OF_INPUT"])
    }

    @Test func aSecondTurnOnAnRPCIsNotAnnouncedAgain() {
        var scene = WebexScene.asked()
        scene.speak()
        // Nothing leaves while the caller has the word.
        scene.play(800)
        scene.listen()
        #expect(scene.take() == [])
        scene.endTurn()
        #expect(scene.take() == ["2 CHUNK [800!] \(Self.input)"])
        scene.listen()
        #expect(scene.take() == ["2 FINAL \(Self.input)", "2 OK", "suspend"])
    }

    @Test func bargeInOnTheAnsweringRPCIsAnnouncedOnTheNext() {
        var scene = WebexScene.asked()
        scene.play(8000)
        _ = scene.take()
        scene.speak(whileBotIsAudible: true)
        scene.bargeIn()
        #expect(scene.take() == ["2 FINAL \(Self.input)", "2 OK", "suspend"])
        scene.openAudio(3)
        #expect(scene.take() == ["3 FINAL START_OF_INPUT"])
        scene.endTurn()
        #expect(scene.take() == ["3 CHUNK END_OF_INPUT"])
    }

    @Test func aTurnBetweenRPCsIsAnsweredOnTheNext() {
        var scene = WebexScene.asked()
        scene.play(8000)
        scene.speak(whileBotIsAudible: true)
        scene.bargeIn()
        scene.endTurn()
        _ = scene.take()
        scene.play(800, response: 2)
        scene.listen()
        #expect(scene.take() == [])
        scene.openAudio(3)
        #expect(
            scene.take() == [
                "3 FINAL START_OF_INPUT", "3 CHUNK END_OF_INPUT", "3 CHUNK [800!] \(Self.input)",
                "3 FINAL \(Self.input)", "3 OK",
            ])
    }

    @Test(arguments: [WebexAnswerMode.chunk, .wav])
    func startOfInputOnTheNewRPCEndsTheOlder(mode: WebexAnswerMode) {
        var scene = WebexScene.asked(mode)
        scene.play(8000)
        scene.openAudio(3)
        scene.audio(3)
        _ = scene.take()
        scene.speak(whileBotIsAudible: true)
        scene.bargeIn()
        #expect(
            scene.take() == ["3 FINAL START_OF_INPUT", "2 FINAL \(Self.input)", "2 OK"])
        // What the bot says after the clear belongs to the new turn.
        scene.play(800, response: 2)
        scene.listen()
        #expect(scene.take() == [])
        scene.endTurn()
        let end = scene.take()
        #expect(end.first == (mode == .chunk ? "3 CHUNK END_OF_INPUT" : "3 FINAL END_OF_INPUT"))
        #expect(end.count == (mode == .chunk ? 2 : 1))
    }

    @Test func audioComesFromTheNewestRPC() {
        var scene = WebexScene.asked()
        #expect(scene.audio(2) == .accepted(.pcmu8000))
        scene.openAudio(3)
        #expect(scene.audio(2) == .ignored)
        #expect(scene.audio(3) == .accepted(.pcmu8000))
        #expect(scene.audio(3, bytes: 15) == .ignored)
    }

    @Test func anOpeningRPCTellsThatPromptsWithoutBargeInWerePlayed() {
        var scene = WebexScene.greeted()
        scene.send(.noInput, on: 2)
        scene.play(8000, bargeIn: false)
        scene.listen()
        _ = scene.take()
        scene.openAudio(3)
        #expect(scene.take() == ["playback completed"])
        scene.play(8000)
        scene.listen()
        _ = scene.take()
        scene.openAudio(4)
        #expect(scene.take() == [])
    }

    // MARK: Chunks

    @Test func chunksKeepTheirBounds() {
        var scene = WebexScene.asked()
        scene.play(1)
        scene.play(99)
        scene.play(100)
        scene.play(65_536 + 3)
        let sizes = scene.take().map { $0.split(separator: " ")[2] }
        #expect(sizes == ["[100!]", "[100!]", "[100!]", "[65536!]", "[100!]"])
    }

    @Test func aSecretInputIsMarked() {
        var scene = WebexScene.asked()
        scene.listen(InputExpectation(.digits, isSensitive: true))
        #expect(scene.take().first == "2 FINAL DTMF:1/3000/0 sensitive")
    }

    // MARK: Time and end

    @Test func anRPCIsCompletedWithoutAnAnswerInTheEnd() {
        var scene = WebexScene.asked()
        scene.halfClose(2)
        scene.wait(19_999)
        #expect(scene.take() == ["suspend"])
        scene.wait(1)
        #expect(scene.take() == ["noted answerTimedOut", "2 FINAL \(Self.input)", "2 OK"])
    }

    @Test func theEndWaitsForAnRPCThatCanCarryIt() {
        var scene = WebexScene.greeted()
        scene.bot { $0.end(CallEnding(.transfer(destination: "q")), at: $1) }
        #expect(scene.take() == ["end botEnded"])
        scene.openAudio(2)
        #expect(scene.take() == ["2 FINAL TRANSFER_TO_AGENT(q) \(Self.input)", "2 OK"])
        scene.openAudio(3)
        #expect(scene.take() == ["noted inputAfterEnd", "3 FINAL", "3 OK"])
    }

    @Test func anIdleCallExpiresAndIsForgotten() {
        var scene = WebexScene.greeted()
        scene.wait(299_999)
        #expect(scene.take() == [])
        scene.wait(1_001)
        #expect(scene.take() == ["noted idleExpired", "end connectionLost"])
        #expect(!scene.conversation.isForgettable(at: scene.now))
        scene.wait(120_000)
        #expect(scene.conversation.isForgettable(at: scene.now))
    }

    @Test func sessionEndCompletesEveryRPC() {
        var scene = WebexScene.asked()
        scene.openAudio(3)
        scene.play(800)
        _ = scene.take()
        scene.send(.sessionEnd, on: 4)
        #expect(
            scene.take() == [
                "2 FINAL", "2 OK", "3 FINAL", "3 OK", "suspend", "4 FINAL", "4 OK",
                "end platformEnded",
            ])
    }

    @Test func sessionEndOfAnUnknownCallBeginsNone() {
        var scene = WebexScene()
        scene.send(.sessionEnd, on: 1)
        #expect(scene.take() == ["1 FINAL", "1 OK"])
        #expect(scene.conversation.isForgettable(at: scene.now))
    }
}
