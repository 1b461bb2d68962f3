// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import NIOCore
import SyntheticCallers
import Testing

@Suite struct GenesysPlatformMediaTests {
    @Test func playbackStartsAndCompletesWithTheBuffer() {
        var scene = GenesysScene()
        scene.open()
        scene.run(milliseconds: 100)
        scene.send(TestVoices.botAudio(4000))
        scene.send(TestVoices.botAudio(1600))
        #expect(scene.texts("playback_started").map(\.at) == [.milliseconds(100)])
        scene.run(milliseconds: 1000)
        // 5600 samples last 700 ms.
        #expect(scene.texts("playback_completed").map(\.at) == [.milliseconds(800)])
        #expect(scene.rules.isEmpty)
    }

    @Test func bargeInSilencesTheBotAtOnce() throws {
        let clip = try TestVoices.callerClip("stop.wav", lead: 80, speech: 8000, tail: 80)
        var scene = GenesysScene(
            script: CallerScript(steps: [.init(.intoBot(.milliseconds(600)), .speak(clip))]))
        scene.open()
        scene.run(milliseconds: 100)
        // Two seconds ahead, so that there is something to drop.
        scene.send(TestVoices.botAudio(16_000))
        // Bot heard from 100 ms, clip starts at 700 ms, speech at 710 ms.
        scene.run(milliseconds: 830)
        scene.say("event", GenesysScene.event("barge_in"))
        let interruption = try #require(scene.report.interruptions.first)
        #expect(interruption.clip == "stop.wav")
        #expect(interruption.onset == Milliseconds(710))
        #expect(interruption.silenced == Milliseconds(930))
        #expect(interruption.latency == Milliseconds(220))
        #expect(interruption.dropped == Milliseconds(1170))
        #expect(interruption.stale == Milliseconds(0))
        #expect(scene.texts("playback_completed").count == 1)
        scene.run(milliseconds: 3000)
        var platform = scene.platform
        // Nothing is heard after 930 ms, 830 ms into the media's 100 ms silence and speech.
        #expect(platform.takeRecording().bot.count == 930 * 8)
        #expect(scene.report.counts.flushesInSilence == 0)
        #expect(scene.rules.isEmpty)
    }

    @Test func staleAudioAfterABargeInIsMeasured() throws {
        let clip = try TestVoices.callerClip("stop.wav", lead: 0, speech: 8000, tail: 0)
        var scene = GenesysScene(
            script: CallerScript(steps: [.init(.intoBot(.milliseconds(500)), .speak(clip))]))
        scene.open()
        scene.send(TestVoices.botAudio(16_000))
        scene.run(milliseconds: 700)
        scene.say("event", GenesysScene.event("barge_in"))
        scene.run(milliseconds: 50)
        scene.send(TestVoices.botAudio(1600))
        scene.run(milliseconds: 1000)
        #expect(scene.report.interruptions.first?.stale == Milliseconds(200))
    }

    @Test func aFlushWhileTheCallerIsSilentIsAFalseInterruption() {
        var scene = GenesysScene()
        scene.open()
        scene.send(TestVoices.botAudio(16_000))
        scene.run(milliseconds: 300)
        scene.say("event", GenesysScene.event("barge_in"))
        #expect(scene.report.counts.flushesInSilence == 1)
        #expect(scene.report.interruptions.isEmpty)
    }

    @Test func responseLatencyRunsFromTheLastVoicedSample() throws {
        // Speech ends 1.1 s into the clip, the file 400 ms later.
        let clip = try TestVoices.callerClip(lead: 800, speech: 8000, tail: 3200)
        var scene = GenesysScene(
            script: CallerScript(steps: [.init(.at(.milliseconds(50)), .speak(clip))]))
        scene.open()
        scene.run(milliseconds: 1490)
        scene.send(TestVoices.botAudio(4000))
        let turn = try #require(scene.report.turns.first)
        #expect(turn.speechStart == Milliseconds(150))
        #expect(turn.speechEnd == Milliseconds(1150))
        #expect(turn.sent == Milliseconds(1200))
        #expect(turn.arrived == Milliseconds(1490))
        #expect(turn.responseLatency == Milliseconds(340))
        #expect(turn.arrivalLatency == Milliseconds(340))
        #expect(!turn.answeredEarly)
    }

    @Test func anAnswerBeforeTheCallerHasFinishedIsEarly() throws {
        let clip = try TestVoices.callerClip(lead: 0, speech: 8000, tail: 0)
        var scene = GenesysScene(
            script: CallerScript(steps: [.init(.at(.zero), .speak(clip))]))
        scene.open()
        scene.run(milliseconds: 700)
        scene.send(TestVoices.botAudio(1600))
        let turn = try #require(scene.report.turns.first)
        #expect(turn.answeredEarly)
        #expect(turn.responseLatency == Milliseconds(-300))
    }

    @Test func theCallerWaitsUntilTheBotHasFinished() throws {
        let clip = try TestVoices.callerClip(lead: 0, speech: 4000, tail: 0)
        var scene = GenesysScene(
            script: .conversation([clip], quiet: .milliseconds(700)))
        scene.open()
        scene.speak(milliseconds: 1500)
        scene.run(milliseconds: 2000)
        let turn = try #require(scene.report.turns.first)
        #expect(turn.speechStart == Milliseconds(2200))
        // The answer, and 700 ms after it the caller hangs up.
        scene.send(TestVoices.botAudio(1600))
        let answered = scene.elapsed
        scene.run(milliseconds: 2000)
        #expect(scene.texts("close").first?.at == answered + .milliseconds(900))
        #expect(scene.rules.isEmpty)
        #expect(scene.report.underruns.isEmpty)
    }

    @Test(arguments: [true, false])
    func whatIsSaidToAKeyIsAnotherAnswer(dials: Bool) {
        let steps: [CallerScript.Step] =
            dials ? [.init(.at(.milliseconds(1600)), .dial("1"))] : []
        var scene = GenesysScene(script: CallerScript(steps: steps))
        scene.open()
        scene.speak(milliseconds: 1500)
        scene.run(milliseconds: 800)
        scene.speak(milliseconds: 500)
        scene.run(milliseconds: 2000)
        // Without the key the same gap tears an answer.
        #expect(scene.report.underruns.count == (dials ? 0 : 1))
    }

    @Test func aMuteBotIsWaitedForInVain() throws {
        let clip = try TestVoices.callerClip(lead: 0, speech: 4000, tail: 0)
        var script = CallerScript.conversation([clip])
        script.patience = .seconds(2)
        var scene = GenesysScene(script: script)
        scene.open()
        scene.run(milliseconds: 6000)
        #expect(scene.report.turns.first?.speechStart == Milliseconds(2000))
        #expect(scene.report.turns.first?.arrived == nil)
        #expect(scene.isFinished)
        #expect(scene.report.timeline.contains { $0.what == "waited" })
    }

    @Test func serverPauseStopsTheAudioAndEachRequestIsAnswered() {
        var scene = GenesysScene()
        scene.open()
        scene.run(milliseconds: 1000)
        scene.say("pause")
        scene.say("pause")
        scene.run(milliseconds: 1000)
        #expect(scene.texts("paused").count == 2)
        #expect(scene.audio.count == 5)
        scene.say("resume")
        scene.say("resume")
        scene.run(milliseconds: 400)
        let resumed = scene.texts("resumed")
        #expect(resumed.map { $0.parameters["start"] } == ["PT1S", "PT2S"])
        #expect(resumed.map { $0.parameters["discarded"] } == ["PT1S", "PT0S"])
        #expect(scene.audio.count == 7)
        #expect(scene.rules.isEmpty)
    }

    @Test func aSecurePauseHoldsAgainstTheServersResume() {
        var scene = GenesysScene(
            script: CallerScript(steps: [
                .init(.at(.seconds(1)), .hold), .init(.after(.seconds(2)), .resume),
            ]))
        scene.open()
        scene.run(milliseconds: 1100)
        #expect(scene.texts("paused").count == 1)
        scene.say("resume")
        #expect(scene.texts("paused").count == 2)
        scene.run(milliseconds: 2500)
        #expect(scene.texts("resumed").count == 1)
        #expect(scene.texts("resumed").first?.at == .seconds(3))
        #expect(scene.texts("resumed").first?.parameters["discarded"] == "PT2S")
        #expect(
            scene.audio.map(\.at.milliseconds) == [200, 400, 600, 800, 1000, 3200, 3400, 3600])
        #expect(scene.report.violations == [])
    }

    @Test func startPausedSendsNothingUntilResume() {
        var scene = GenesysScene()
        scene.open(["media": .array([GenesysScene.media(.external)]), "startPaused": true])
        scene.run(milliseconds: 900)
        #expect(scene.texts("paused").count == 1)
        #expect(scene.audio.isEmpty)
        scene.say("resume")
        scene.run(milliseconds: 300)
        #expect(scene.audio.count == 2)
    }

    @Test func discardToSkipsAudioAndSaysSo() {
        var scene = GenesysScene()
        scene.open(["media": .array([GenesysScene.media(.external)]), "discardTo": "PT0.5S"])
        scene.run(milliseconds: 1000)
        let discarded = scene.texts("discarded")
        #expect(discarded.count == 1)
        #expect(discarded.first?.parameters == ["start": "PT0S", "discarded": "PT0.6S"])
        #expect(scene.audio.map(\.at.milliseconds) == [800, 1000])
    }

    @Test func monitorSendsBothChannelsInterleavedExternalFirst() throws {
        let caller = try TestVoices.callerClip(lead: 0, speech: 4000, tail: 0)
        let agent = try TestVoices.callerClip(lead: 0, speech: 800, tail: 0)
        var scene = GenesysScene(
            GenesysCallOptions(product: .monitor, seed: 2),
            script: CallerScript(steps: [.init(.at(.milliseconds(200)), .speak(caller))]),
            agent: CallerScript(steps: [.init(.at(.zero), .speak(agent))]))
        scene.open()
        scene.run(milliseconds: 450)
        #expect(scene.audio.allSatisfy { $0.bytes.count == 3200 })
        let external = scene.audio[0].bytes.indices.filter { $0 % 2 == 0 }
        #expect(external.allSatisfy { scene.audio[0].bytes[$0] == 0xFF })
        let agentSpeech = scene.audio[0].bytes.indices.filter { $0 % 2 == 1 && $0 < 1600 }
            .map { scene.audio[0].bytes[$0] }
        #expect(agentSpeech == Array(agent.encoded))
        let callerSpeech = scene.audio[1].bytes.indices.filter { $0 % 2 == 0 }
            .map { scene.audio[1].bytes[$0] }
        #expect(callerSpeech == Array(caller.encoded.prefix(1600)))
    }

    @Test func recordingHoldsTheCallerAsSent() throws {
        let clip = try TestVoices.callerClip(lead: 100, speech: 4000, tail: 20)
        var scene = GenesysScene(
            script: CallerScript(steps: [.init(.at(.milliseconds(250)), .speak(clip))]))
        scene.open()
        scene.run(milliseconds: 1000)
        var platform = scene.platform
        let recording = platform.takeRecording()
        #expect(recording.caller == scene.audio.flatMap(\.bytes))
        #expect(Array(recording.caller[2000..<2000 + clip.encoded.count]) == clip.encoded)
    }
}
