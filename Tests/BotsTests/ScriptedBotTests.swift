// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Bots
import Foundation
import MediaServer
import NIOCore
import Testing

@Suite struct ScriptedBotTests {
    private static let text = """
        start: welcome
        no_input: {after_ms: 5000, say: prompts/one-moment.wav, attempts: 1, then: bye}
        steps:
          welcome:
            listen:
              - {digit: "1", then: number}
              - then: bye
          number:
            collect: {into: account, most_digits: 3, then: operator, between_digits_ms: 2000}
          operator:
            transfer: {to: agent, variables: {route: billing}}
          bye:
            end: {variables: {outcome: done}}
        """

    private func provider(_ text: String = Self.text) throws -> ScriptedBotProvider {
        let folder = Script.defaultURL.deletingLastPathComponent()
        let script = try Script(parsing: text, file: "test.yaml", folder: folder)
        return ScriptedBotProvider(script: script, prompts: try PromptLibrary(script: script))
    }

    @Test func aTurnIsAnsweredAndReported() async throws {
        try await BotRig.run(try provider()) { rig in
            try await rig.say(BotRig.turn)
            let result6 = try await rig.expect("completed [(key: \"outcome\", value: \"done\")]")
            #expect(result6)
            let result7 = try await rig.expect("match")
            #expect(result7)
        }
    }

    @Test func digitsAreCollectedAndTheCallerIsTransferred() async throws {
        try await BotRig.run(try provider()) { rig in
            try await rig.press("1234")
            let handed = try await rig.expect(
                "transfer(destination: \"agent\")"
                    + " [(key: \"account\", value: \"234\"), (key: \"route\", value: \"billing\")]"
            )
            #expect(handed)
        }
    }

    @Test func silenceIsReportedAndPromptedFor() async throws {
        let hasty = Self.text.replacing("after_ms: 5000", with: "after_ms: 100")
        try await BotRig.run(try provider(hasty)) { rig in
            let result8 = try await rig.expect("noInput")
            #expect(result8)
            let result9 = try await rig.expect("completed [(key: \"outcome\", value: \"done\")]")
            #expect(result9)
            let result10 = try await rig.heardBytes
            #expect(result10 > 5000)
        }
    }

    private static let answers = """
        start: welcome
        no_input: {after_ms: 60000, say: prompts/one-moment.wav, attempts: 1, then: bye}
        steps:
          welcome:
            say: [{file: prompts/greeting.wav, barge_in: false}, prompts/how-can-i-help.wav]
            listen: [{digit: "1", then: number}, {event: paid, then: bye}, {then: bye}]
          number:
            event: asks
            collect: {into: pin, most_digits: 9, between_digits_ms: 60000, then: operator}
          operator:
            transfer: {to: agent, summary: "PIN {pin}"}
          bye:
            say: [{file: prompts/transfer.wav, barge_in: false}, prompts/goodbye.wav]
            end: {}
        """

    @Test func anAnswerIsQueuedWholeAndThenTheBotListens() async throws {
        try await BotRig.run(try provider(Self.answers), pacing: BotRig.unit) { rig in
            let log = try await rig.log
            #expect(log == ["say 1 to its end", "say 2", "listen voiceAndDigits"])
        }
    }

    @Test func withALeadTheBotListensAfterTheLastPacket() async throws {
        let short = """
            start: a
            no_input: {after_ms: 60000, attempts: 0, then: a}
            steps:
              a:
                say: [prompts/one-moment.wav, prompts/anything-else.wav]
                listen: [{then: a}]
            """
        try await BotRig.run(try provider(short)) { rig in
            let listens = try await rig.expect("listen voiceAndDigits")
            #expect(listens)
            let log = try await rig.log
            #expect(log == ["say 1", "say 2", "listen voiceAndDigits"])
        }
    }

    @Test func anEndingFollowsWhatMustBeHeard() async throws {
        try await BotRig.run(try provider(Self.answers), pacing: BotRig.unit) { rig in
            try await rig.receive(.custom(CustomEvent(name: "unknown")))
            try await rig.receive(.noInput)
            try await rig.receive(.noInput)
            let log = try await rig.log
            #expect(
                log == [
                    "say 1 to its end", "say 2", "listen voiceAndDigits",
                    "listen voiceAndDigits", "say 3", "listen voiceAndDigits",
                    "say 4 to its end", "say 5",
                ])
        }
    }

    @Test func keysOfOneInputAreCollectedAndTheSummaryIsFilled() async throws {
        let silent = Self.answers.replacing(
            "say: [{file: prompts/greeting.wav, barge_in: false}, prompts/how-can-i-help.wav]\n",
            with: "\n")
        try await BotRig.run(try provider(silent), pacing: BotRig.unit) { rig in
            try await rig.press("1")
            try await rig.receive(.digitsCompleted)
            try await rig.press("42")
            try await rig.receive(.digitsCompleted)
            let ended = try await rig.expect("summary PIN 42")
            #expect(ended)
            let log = try await rig.log
            #expect(
                log == [
                    "listen voiceAndDigits", "event asks [:]", "listen digits",
                    "transfer(destination: \"agent\") [(key: \"pin\", value: \"42\")]",
                    "summary PIN 42",
                ])
        }
    }

    @Test func whatMustBeHeardIsSaidAnewAfterAnInterruption() async throws {
        let text = Self.answers.replacing(
            "say: [{file: prompts/greeting.wav, barge_in: false}, prompts/how-can-i-help.wav]",
            with: "say: [prompts/no-input.wav, {file: prompts/greeting.wav, barge_in: false}]"
        )
        try await BotRig.run(try provider(text), pacing: BotRig.unit) { rig in
            // What was said before the prompt was heard is no interruption of it.
            try await rig.say(BotRig.interruption)
            let log = try await rig.log
            #expect(
                log == [
                    "say 1", "say 2 to its end", "listen voiceAndDigits", "clear",
                    "say 3 to its end", "listen voiceAndDigits", "listen voiceAndDigits",
                ])
        }
    }

    @Test func thePlatformsOwnTimerIsWaitedFor() async throws {
        let silent = """
            start: a
            no_input: {after_ms: 50, attempts: 0, then: b}
            steps: {a: {listen: [{then: a}]}, b: {end: {}}}
            """
        try await BotRig.run(try provider(silent), reportsNoInput: true) { rig in
            try await rig.loop.scheduleTask(in: .milliseconds(300)) {}.futureResult.get()
            let waiting = try await rig.log
            #expect(waiting == ["listen voiceAndDigits"])
            try await rig.receive(.noInput)
            let log = try await rig.log
            #expect(log == ["listen voiceAndDigits", "completed []"])
        }
    }

    @Test func moreThanTheQueueHoldsFollowsAsItEmpties() async throws {
        // 90 prompts of over a second each: more than 32 responses and more than the 60 s of queue.
        let prompts = Array(repeating: "prompts/how-can-i-help.wav", count: 90)
            .joined(separator: ", ")
        let long = """
            start: a
            no_input: {after_ms: 60000, attempts: 0, then: a}
            steps: {a: {say: [\(prompts)], listen: [{then: a}]}}
            """
        try await BotRig.run(try provider(long), pacing: BotRig.unit) { rig in
            let last = try await rig.expect("say 32")
            #expect(last)
            try await rig.press("1")
            let next = try await rig.expect("say 64")
            #expect(next)
            let log = try await rig.log
            #expect(log.contains("clear") && !log.contains("listen voiceAndDigits"))
        }
    }

    @Test func thePromptsOfTheDefaultScriptAreThere() throws {
        let script = try Script(contentsOf: Script.defaultURL)
        let prompts = try PromptLibrary(script: script)
        #expect(prompts.clips.count == script.prompts.count)
        for clip in prompts.clips {
            #expect(clip.rate == .hz8000)
            #expect(clip.duration > .milliseconds(500))
        }
    }

    @Test func aBrokenPromptIsNamed() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(
                path: "sidetone-prompt-\(UInt64.random(in: 0...UInt64.max))",
                directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data([1, 2, 3]).write(to: folder.appending(path: "bad.wav"))
        let script = try Script(
            parsing: "start: a\nsteps: {a: {say: bad.wav, end: {}}}\n", file: "t.yaml",
            folder: folder)
        do {
            _ = try PromptLibrary(script: script)
            Issue.record("A file of three bytes was taken for a prompt")
        } catch {
            #expect("\(error)".contains("bad.wav"))
        }
    }
}
