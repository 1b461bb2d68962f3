// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import SyntheticCallers
import Testing

/// A call under load tells what is settled while it goes on: the parts must be the whole.
@Suite struct CallSettlingTests {
    private func scene() throws -> GenesysScene {
        let clip = try TestVoices.callerClip("turn.wav", lead: 0, speech: 4000, tail: 0)
        var script = CallerScript(steps: [
            .init(.afterBot(quiet: .milliseconds(500)), .speak(clip)),
            .init(.intoBot(.milliseconds(300)), .speak(clip)),
        ])
        script.repeats = true
        var scene = GenesysScene(script: script)
        scene.open()
        return scene
    }

    /// Answers and is interrupted, four times.
    private func run(_ scene: inout GenesysScene, each: (inout GenesysScene) -> Void) {
        scene.send(TestVoices.botAudio(1600))
        for _ in 0..<4 {
            scene.run(milliseconds: 1500)
            each(&scene)
            scene.send(TestVoices.botAudio(16_000))
            scene.run(milliseconds: 500)
            scene.say("event", GenesysScene.event("barge_in"))
            scene.run(milliseconds: 700)
            scene.send(TestVoices.botAudio(1600))
            each(&scene)
        }
        scene.run(milliseconds: 300)
    }

    @Test func partsAndEndAreTheWhole() throws {
        var whole = try scene()
        run(&whole) { _ in }
        var parted = try scene()
        var parts: [CallReport] = []
        run(&parted) { scene in
            if let part = scene.platform.takeSettled(at: scene.clock.now) { parts.append(part) }
        }
        #expect(parts.count >= 4)
        let expected = whole.report
        let end = parted.report
        parts.append(end)
        #expect(parts.flatMap(\.turns) == expected.turns)
        #expect(parts.flatMap(\.interruptions) == expected.interruptions)
        #expect(expected.interruptions.count >= 4)
        #expect(parts.flatMap(\.underruns) == expected.underruns)
        let counts = parts.map(\.counts)
        #expect(counts.reduce(0) { $0 + $1.binarySent } == expected.counts.binarySent)
        #expect(counts.reduce(0) { $0 + $1.bytesReceived } == expected.counts.bytesReceived)
        #expect(counts.reduce(0) { $0 + $1.flushesInSilence } == expected.counts.flushesInSilence)
        #expect(end.ending == expected.ending)
        // What was told is forgotten.
        #expect(end.turns.count <= 2 && end.responses.count < expected.responses.count)
    }

    @Test func aScriptThatRepeatsBeginsAnew() throws {
        var scene = try scene()
        run(&scene) { _ in }
        #expect(scene.report.turns.count > 2)
    }

    @Test func withoutATimelineNoEventIsKept() throws {
        var scene = try scene()
        scene.platform.log.keepsTimeline = false
        run(&scene) { _ in }
        let report = scene.report
        #expect(report.timeline.count < 3)
        #expect(!report.turns.isEmpty && report.generator.count == 0)
    }
}
