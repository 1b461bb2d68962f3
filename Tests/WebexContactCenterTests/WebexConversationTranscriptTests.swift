// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import MediaServer
import Testing
import WebexMessages

@testable import WebexContactCenter

/// The transcripts of the fact sheet's section 9, message by message.
@Suite struct WebexConversationTranscriptTests {
    static let fourDigits = InputExpectation(
        digits: InputExpectation.Digits(
            maximumCount: 4, terminator: DTMFDigit("#"), between: .milliseconds(1500)),
        noInputTimeout: .milliseconds(8000))

    @Test func greetingVoiceTurnAndHangUpInChunkMode() {
        var scene = WebexScene(.chunk)
        scene.send(.sessionStart, on: 1)
        #expect(scene.take() == ["start o-1/c-77 bot-a", "suspend"])
        scene.play(8192, bargeIn: false)
        scene.play(4010, bargeIn: false)
        scene.listen(Self.fourDigits)
        #expect(
            scene.take() == [
                "1 CHUNK [8192] VOICE_DTMF:1/3000/0", "1 CHUNK [4010] VOICE_DTMF:1/3000/0",
                "1 FINAL VOICE_DTMF:4/1500/16/8000", "1 OK",
            ])
        scene.wait(2000)
        scene.openAudio(2)
        #expect(scene.take() == ["playback completed"])
        scene.audio(2)
        #expect(scene.take() == ["resume"])
        scene.speak()
        #expect(scene.take() == ["2 FINAL START_OF_INPUT"])
        scene.audio(2)
        scene.endTurn()
        #expect(scene.take() == ["2 CHUNK END_OF_INPUT"])
        scene.halfClose(2)
        #expect(scene.take() == ["suspend"])
        scene.play(8192, bargeIn: false, response: 2)
        scene.listen(Self.fourDigits)
        #expect(
            scene.take() == [
                "2 CHUNK [8192] VOICE_DTMF:4/1500/16/8000", "2 FINAL VOICE_DTMF:4/1500/16/8000",
                "2 OK",
            ])
        scene.send(.sessionEnd, on: 3)
        #expect(scene.take() == ["3 FINAL", "3 OK", "end platformEnded"])
        #expect(scene.conversation.state == .ended)
    }

    @Test func bargeInByVoiceInWAVMode() {
        var scene = WebexScene(.wav)
        scene.send(.sessionStart, on: 1)
        scene.listen()
        scene.openAudio(4)
        scene.audio(4)
        _ = scene.take()
        scene.speak()
        scene.endTurn()
        #expect(scene.take() == ["4 FINAL START_OF_INPUT", "4 FINAL END_OF_INPUT"])
        for response in 3...6 { scene.play(16_000, response: UInt32(response)) }
        scene.openAudio(5)
        scene.audio(5)
        #expect(scene.take() == [])
        scene.listen()
        // 16,000 octets of audio and the header of a mu-law file.
        #expect(
            scene.take() == [
                "4 FINAL [16058! 16058! 16058! 16058!] VOICE_DTMF:1/3000/0", "playback started",
                "4 OK",
            ])
        scene.wait(3000)
        scene.speak(whileBotIsAudible: true)
        #expect(scene.take() == [])
        scene.bargeIn()
        #expect(scene.take() == ["5 FINAL START_OF_INPUT"])
        scene.endTurn()
        #expect(scene.take() == ["5 FINAL END_OF_INPUT"])
        scene.play(8000, bargeIn: false, response: 7)
        scene.listen()
        #expect(
            scene.take() == [
                "5 FINAL [8058] VOICE_DTMF:1/3000/0", "playback started", "5 OK", "suspend",
            ])
    }

    @Test func bargeInByKeysThenTransfer() {
        var scene = WebexScene(.wav)
        scene.send(.sessionStart, on: 1)
        scene.openAudio(2)
        scene.audio(2)
        _ = scene.take()
        scene.play(64_000)
        scene.listen(Self.fourDigits)
        #expect(
            scene.take() == [
                "1 FINAL [64058!] VOICE_DTMF:4/1500/16/8000", "playback started", "1 OK",
            ])
        scene.wait(4000)
        scene.send(WebexScene.request(.startOfDtmf), on: 2, opens: false)
        scene.halfClose(2)
        #expect(scene.take() == ["clear", "2 OK", "suspend"])
        scene.digits([4, 2, 10, 16], on: 3)
        #expect(scene.take() == ["digit 4", "digit 2", "digit 0", "digits completed"])
        scene.play(8000, response: 2)
        let ending = CallEnding(
            .transfer(destination: "queue-1"), outputs: ["account": "420"],
            summary: "account 420")
        scene.bot { $0.end(ending, at: $1) }
        #expect(
            scene.take() == [
                "end botEnded",
                "3 FINAL TRANSFER_TO_AGENT(queue-1) account=420 [8058] VOICE_DTMF:4/1500/16/8000"
                    + " summary=account 420", "3 OK",
            ])
        scene.openAudio(4)
        #expect(scene.take() == ["noted inputAfterEnd", "4 FINAL", "4 OK"])
    }

    @Test func goodbyeInChunksIsFollowedByTheEvent() {
        var scene = WebexScene(.chunk)
        scene.send(.sessionStart, on: 1)
        scene.listen()
        scene.openAudio(2)
        scene.audio(2)
        scene.speak()
        scene.endTurn()
        _ = scene.take()
        scene.play(9000, bargeIn: false)
        let ending = CallEnding(.completed, outputs: ["sum": "7"], transcript: "hello")
        scene.bot { $0.end(ending, at: $1) }
        #expect(
            scene.take() == [
                "2 CHUNK [9000] VOICE_DTMF:1/3000/0", "end botEnded",
                "2 FINAL SESSION_END sum=7 transcript=hello", "2 OK", "suspend",
            ])
    }

    @Test func aFailedBotTellsTheFlowAndEnds() {
        var scene = WebexScene(.chunk)
        scene.send(.sessionStart, on: 1)
        _ = scene.take()
        scene.bot { $0.end(CallEnding(.failed, info: "lost"), at: $1) }
        #expect(
            scene.take() == [
                "end botEnded", "1 CHUNK CUSTOM_EVENT(error_occurred) reason=lost",
                "1 FINAL SESSION_END", "1 OK",
            ])
    }
}
