// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import SwiftProtobuf
import SyntheticCallers
import Testing
import WebexMessages

@Suite struct WebexPlatformTests {
    @Test func sessionStartIsTheFirstRPCAndHalfClosed() {
        let scene = WebexScene()
        #expect(scene.rpcs.count == 1)
        #expect(scene.rpcs[0].event == .sessionStart)
        #expect(scene.rpcs[0].requests.count == 1)
        #expect(scene.rpcs[0].halfClosedAt == .zero)
    }

    @Test func withoutBargeInTheNextRPCOpensWhenThePromptHasPlayed() throws {
        var scene = WebexScene()
        // 150 ms: until the frame that ends at 160 ms nothing is sent.
        try scene.welcome(1200)
        scene.run(milliseconds: 159)
        #expect(scene.rpcs.count == 1)
        scene.run(milliseconds: 100)
        let rpc = try #require(scene.rpcs.last)
        #expect(rpc.openedAt == .milliseconds(160))
        let first = try #require(rpc.requests.first).message.audioInput
        #expect(first.encoding == .mulawFormat)
        #expect(first.sampleRateHertz == 8000)
        #expect(first.languageCode == "en-US")
        #expect(first.callerAudio.isEmpty)
        #expect(rpc.requests[1].audio.count == 3)
        #expect(rpc.frames.map(\.at) == [160, 180, 200, 220, 240].map { .milliseconds($0) })
        #expect(rpc.frames.allSatisfy { $0.message.audioInput.encoding == .unspecifiedFormat })
        #expect(rpc.halfClosedAt == nil)
        #expect(scene.rules == [])
    }

    @Test func withBargeInTheNextRPCOpensBeforeTheOldOneIsCompleted() throws {
        var scene = WebexScene()
        scene.run(milliseconds: 50)
        try scene.say(.chunk(8000, bargeIn: true), on: 0)
        #expect(scene.rpcs.map(\.openedAt) == [.zero, .milliseconds(50)])
        scene.run(milliseconds: 200)
        #expect(scene.rpcs[1].frames.count == 10)
        try scene.say(.chunk(8000, bargeIn: true), on: 0)
        try scene.answer(.empty, on: 0)
        scene.run(milliseconds: 100)
        #expect(scene.rpcs.count == 2)
        #expect(scene.rules == [])
    }

    @Test func startOfInputSilencesThePromptAndDropsTheQueue() throws {
        let clip = try TestVoices.callerClip("stop.wav", lead: 0, speech: 4000, tail: 0)
        var scene = WebexScene(
            script: CallerScript(steps: [.init(.intoBot(.milliseconds(400)), .speak(clip))]))
        try scene.say(.chunk(4000, bargeIn: true), on: 0)
        try scene.say(.chunk(8000, bargeIn: true), on: 0)
        scene.run(milliseconds: 600)
        try scene.say(.event(.startOfInput), on: 1)
        // 200 ms after the onset at 400 ms; 1500 ms were sent.
        let interruption = try #require(scene.report.interruptions.first)
        #expect(interruption.latency == Milliseconds(200))
        #expect(interruption.dropped == Milliseconds(900))
        let turn = try #require(scene.report.turns.first)
        #expect(turn.onsetLatency == Milliseconds(200))
        // What was under way when the server heard it is not played.
        try scene.say(.chunk(800, bargeIn: true), on: 0)
        try scene.answer(.empty, on: 0)
        scene.run(milliseconds: 400)
        #expect(scene.report.responses.count == 1)
        #expect(scene.rules == [])
    }

    @Test func endOfInputStopsTheAudioAndTheAnswerIsMeasured() throws {
        let clip = try TestVoices.callerClip("order.wav", lead: 0, speech: 4000, tail: 0)
        var scene = WebexScene(
            script: CallerScript(steps: [
                .init(.afterBot(quiet: .milliseconds(500)), .speak(clip))
            ]))
        try scene.welcome(800)
        // Speaks from 600 to 1100 ms.
        scene.run(milliseconds: 660)
        try scene.say(.event(.startOfInput), on: 1)
        scene.run(milliseconds: 740)
        try scene.say(.event(.endOfInput), on: 1)
        #expect(scene.rpcs[1].halfClosedAt == .milliseconds(1400))
        scene.run(milliseconds: 120)
        #expect(scene.rpcs[1].frames.last?.at == .milliseconds(1400))
        try scene.answer(.wav(800), on: 1)
        scene.run(milliseconds: 200)
        let turn = try #require(scene.report.turns.first)
        #expect(turn.onsetLatency == Milliseconds(60))
        #expect(turn.endpointLatency == Milliseconds(300))
        #expect(turn.promptLatency == Milliseconds(120))
        #expect(turn.arrivalLatency == Milliseconds(420))
        #expect(scene.rpcs.count == 3)
        #expect(scene.rpcs[2].isVoice)
        #expect(scene.rules == [])
    }

    @Test func withBargeInTheAudioGoesOnUntilTheAnswerComes() throws {
        var scene = WebexScene()
        try scene.welcome(800, bargeIn: true)
        scene.run(milliseconds: 200)
        try scene.say(.event(.startOfInput), on: 1)
        scene.run(milliseconds: 200)
        try scene.say(.event(.endOfInput), on: 1)
        scene.run(milliseconds: 100)
        #expect(scene.rpcs[1].halfClosedAt == nil)
        #expect(scene.rpcs[1].frames.last?.at == .milliseconds(500))
        try scene.say(.wav(4000, bargeIn: true), on: 1)
        #expect(scene.rpcs[1].halfClosedAt == .milliseconds(500))
        #expect(scene.rpcs[2].openedAt == .milliseconds(500))
        scene.complete(1)
        scene.run(milliseconds: 100)
        #expect(scene.rpcs[2].frames.count == 5)
        #expect(scene.rules == [])
    }

    @Test func whatTheCallerSaysDuringAPromptWithoutBargeInIsDropped() throws {
        let clip = try TestVoices.callerClip("early.wav", lead: 0, speech: 1600, tail: 0)
        var scene = WebexScene(
            script: CallerScript(steps: [
                .init(.intoBot(.milliseconds(100)), .speak(clip)),
                .init(.after(.zero), .dial("1")),
            ]))
        try scene.welcome(8000)
        scene.run(milliseconds: 1200)
        #expect(scene.rpcs.count == 2)
        // Noise only: the words are over.
        #expect(scene.rpcs[1].frames.allSatisfy { $0.audio.allSatisfy { $0 == 0xFF } })
        #expect(scene.report.timeline.contains { $0.what == "drops" })
        #expect(scene.rules == [])
    }

    @Test func noInputIsToldOnAnRPCOfItsOwn() throws {
        var scene = WebexScene()
        try scene.welcome(800, input: .input(noInput: 1000))
        scene.run(milliseconds: 1150)
        #expect(scene.rpcs.count == 3)
        #expect(scene.rpcs[1].halfClosedAt == .milliseconds(1100))
        #expect(scene.rpcs[2].openedAt == .milliseconds(1100))
        #expect(scene.rpcs[2].event == .noInput)
        #expect(scene.rpcs[2].halfClosedAt == .milliseconds(1100))
        scene.complete(1)
        try scene.answer(.wav(800), on: 2)
        scene.run(milliseconds: 200)
        #expect(scene.rpcs.count == 4)
        #expect(scene.rpcs[3].isVoice)
        #expect(scene.rules == [])
    }

    @Test func speechStopsTheNoInputTimer() throws {
        var scene = WebexScene()
        try scene.welcome(800, input: .input(noInput: 1000))
        scene.run(milliseconds: 500)
        try scene.say(.event(.startOfInput), on: 1)
        scene.run(milliseconds: 3000)
        #expect(scene.rpcs.count == 2)
    }

    @Test func aCustomEventGoesBesideTheTurn() throws {
        var scene = WebexScene(
            script: CallerScript(steps: [
                .init(.at(.milliseconds(300)), .event("account", ["number": "42"]))
            ]))
        try scene.welcome(800)
        scene.run(milliseconds: 320)
        let event = try #require(scene.rpcs.last?.requests.first).message.eventInput
        #expect(event.eventType == .customEvent)
        #expect(event.name == "account")
        #expect(event.parameters.fields["number"]?.stringValue == "42")
        #expect(scene.rpcs.last?.halfClosedAt == .milliseconds(300))
        #expect(scene.rpcs[1].halfClosedAt == nil)
        try scene.answer(.empty, on: 2)
        scene.run(milliseconds: 100)
        #expect(scene.rpcs.count == 3)
        #expect(scene.rules == [])
    }

    @Test func hangingUpEndsTheSession() throws {
        var scene = WebexScene(
            script: CallerScript(steps: [.init(.at(.milliseconds(300)), .hangUp)]))
        try scene.welcome(8000, bargeIn: true)
        scene.run(milliseconds: 300)
        #expect(scene.rpcs[1].halfClosedAt == .milliseconds(300))
        #expect(scene.rpcs[2].event == .sessionEnd)
        #expect(!scene.isFinished)
        scene.complete(1)
        #expect(scene.isFinished)
        #expect(scene.report.ending.kind == .byCaller)
        #expect(scene.rules == [])
    }

    @Test(arguments: [WebexOutputEvent.EventType.transferToAgent, .sessionEnd])
    func theBotsEndIsTheEndWhenThePromptHasPlayed(_ event: WebexOutputEvent.EventType) throws {
        var scene = WebexScene()
        try scene.welcome(800, bargeIn: true)
        var last = WebexVoiceVAResponse.wav(1600, bargeIn: true, event: event)
        last.sessionSummary.text = "account 420"
        last.clearInputHandlingConfig()
        scene.run(milliseconds: 200)
        try scene.answer(last, on: 1)
        scene.run(milliseconds: 199)
        #expect(!scene.isFinished)
        // A prompt that ends the call cannot be interrupted.
        #expect(scene.rpcs.count == 2)
        scene.run(milliseconds: 2)
        #expect(scene.isFinished)
        #expect(scene.rpcs.count == 2)
        #expect(scene.report.ending.kind == .byBot)
        #expect(scene.report.outputVariables == ["session_summary": "account 420"])
        #expect(scene.rules == [])
    }

    @Test func aRefusalIsNoViolation() {
        var scene = WebexScene()
        scene.complete(0, status: "RESOURCE_EXHAUSTED: full", isRefusal: true)
        #expect(scene.isFinished)
        #expect(scene.report.ending.kind == .refused)
        #expect(scene.rules == [])
    }

    @Test func withoutAConnectionThereIsNoMedia() {
        var scene = WebexScene(connects: false)
        scene.platform.failed(reason: "unreachable", at: scene.clock.now)
        #expect(scene.report.ending.kind == .refused)
        #expect(scene.report.mediaStart == nil)
    }

    @Test func aCallThatNeverEndsIsGivenUp() throws {
        var script = CallerScript(steps: [])
        script.longest = .seconds(5)
        var scene = WebexScene(script: script)
        try scene.welcome(800)
        scene.run(milliseconds: 5001)
        #expect(scene.rpcs.last?.event == .sessionEnd)
    }
}
