// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Bots
import Foundation
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
