// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import SyntheticCallers
import Testing

@Suite struct CallReportTests {
    /// A greeting, an answered turn, an interruption, the end by the bot.
    private func scene() throws -> GenesysScene {
        let question = try TestVoices.callerClip("question.wav", lead: 0, speech: 4000, tail: 0)
        let stop = try TestVoices.callerClip("stop.wav", lead: 0, speech: 4000, tail: 0)
        var scene = GenesysScene(
            script: CallerScript(steps: [
                .init(.afterBot(quiet: .milliseconds(500)), .speak(question)),
                .init(.intoBot(.milliseconds(300)), .speak(stop)),
            ]))
        scene.open()
        scene.send(TestVoices.botAudio(1600))
        // Heard until 200 ms; the caller speaks from 700 to 1200 ms.
        scene.run(milliseconds: 1500)
        scene.send(TestVoices.botAudio(16_000))
        // Interrupted at 1800 ms.
        scene.run(milliseconds: 500)
        scene.say("event", GenesysScene.event("barge_in"))
        scene.run(milliseconds: 700)
        scene.say("disconnect", ["reason": "completed", "outputVariables": ["route": "billing"]])
        return scene
    }

    @Test func jsonCarriesUnitsInItsNamesAndComesBack() throws {
        let report = try scene().report
        let data = try JSONEncoder().encode(report)
        #expect(try JSONDecoder().decode(CallReport.self, from: data) == report)
        let json = try JSONValue.parse(Array(data))
        #expect(json["platform"] == "genesys")
        #expect(json["turns"]?.elements?.first?["response_latency_ms"] == 300)
        #expect(json["interruptions"]?.elements?.first?["latency_ms"] == 200)
        #expect(json["output_variables"]?["route"] == "billing")
        #expect(json["generator_lateness"]?["p99_ms"] == 0)
        #expect(json["ending"]?["kind"] == "bot-ended")
    }

    @Test func timelineTellsTheCallInOrder() throws {
        let report = try scene().report
        #expect(report.timeline.map(\.at) == report.timeline.map(\.at).sorted())
        let told = report.timeline.map { "\($0.actor.rawValue) \($0.what)" }
        #expect(
            told == [
                "platform connected", "server opened", "bot speaks", "bot stops", "caller says",
                "caller stops", "bot speaks", "caller interrupts", "bot silenced", "caller stops",
                "server disconnects", "platform closes", "server closed", "platform hung up",
            ])
    }

    @Test func linesAreAlignedAndWithoutTrailingSpace() throws {
        let lines = try scene().report.lines
        #expect(lines.contains("    0.700  caller    says          question.wav"))
        #expect(lines.contains("    0.200  bot       stops"))
        #expect(lines.contains { $0.hasPrefix("1     question.wav  1.200 s   300.0 ms") })
        #expect(lines.contains { $0.hasPrefix("stop.wav      1.800 s   200.0 ms") })
        #expect(lines.contains("violations  0"))
        #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
    }

    @Test func levelsAreThoseOfTheSpeech() throws {
        let scene = try scene()
        let levels = scene.report.levels
        let clip = try TestVoices.callerClip(lead: 0, speech: 4000, tail: 0)
        let expected = Level.dBov(meanSquare: clip.energy / Double(clip.voicedCount))
        #expect(abs(try #require(levels.caller) - Double(expected)) < 0.1)
        // A square wave of code 0x20: 7,932 of 32,768.
        #expect(abs(try #require(levels.bot) - -12.3) < 0.2)
    }

    @Test func recordingIsStereoWithTheCallerLeft() throws {
        var scene = try scene()
        let recording = scene.platform.takeRecording()
        let file = try WAVFile.parse(recording.wav.encode())
        #expect(file.format.channels == 2)
        #expect(file.format.rate == .hz8000)
        let left = file.clip(channel: 0).samples
        let right = file.clip(channel: 1).samples
        #expect(left.count == right.count)
        #expect(left[5600..<9600].contains { abs(Int($0)) > 2000 })
        #expect(left[0..<5600].allSatisfy { $0 == 0 })
        #expect(right[0..<1600].allSatisfy { abs(Int($0)) > 2000 })
        #expect(right[1600..<12_000].allSatisfy { $0 == 0 })
        // Interrupted after 500 ms.
        #expect(right[12_000..<16_000].allSatisfy { abs(Int($0)) > 2000 })
        #expect(right[16_000...].allSatisfy { $0 == 0 })
    }
}
