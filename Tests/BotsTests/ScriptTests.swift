// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import StrictYAML
import Testing

@testable import Bots

/// Reading scripts: what a script says is what it means, and every mistake is named.
@Suite struct ScriptTests {
    static let folder = Script.defaultURL.deletingLastPathComponent()

    static func script(_ text: String) throws -> Script {
        try Script(parsing: text, file: "bot.yaml", folder: folder)
    }

    static let small = """
        start: ask
        no_input: {after_ms: 5000, say: prompts/no-input.wav, attempts: 1, then: bye}
        steps:
          ask:
            say: [prompts/greeting.wav, {file: prompts/transfer.wav, barge_in: false}]
            listen:
              - {digit: "*", then: number}
              - {longer_than_ms: 900, then: sales}
              - then: bye
          number:
            collect: {into: pin, most_digits: 4, between_digits_ms: 2000, then: ask}
          sales:
            transfer: {to: "queue:sales", variables: {intent: buy}}
          bye:
            say: {file: prompts/goodbye.wav}
            end: {}
        """

    @Test func readsEveryPart() throws {
        let script = try Self.script(Self.small)
        #expect(script.start == 0)
        #expect(
            script.prompts.map(\.name) == [
                "prompts/greeting.wav", "prompts/transfer.wav", "prompts/goodbye.wav",
                "prompts/no-input.wav",
            ])
        #expect(script.steps.map(\.name) == ["ask", "number", "sales", "bye"])
        #expect(
            script.steps[0].say == [
                Script.Utterance(prompt: 0, allowsBargeIn: true),
                Script.Utterance(prompt: 1, allowsBargeIn: false),
            ])
        #expect(
            script.steps.map(\.action) == [
                .listen([
                    Script.Rule(condition: .digit("*"), step: 1),
                    Script.Rule(condition: .longerThan(.milliseconds(900)), step: 2),
                    Script.Rule(condition: .always, step: 3),
                ]),
                .collect(
                    Script.Collection(
                        variable: "pin", maximumDigits: 4, terminator: nil,
                        betweenDigits: .milliseconds(2000), step: 0)),
                .transfer(destination: "queue:sales", variables: ["intent": "buy"], summary: nil),
                .end(variables: [:], summary: nil),
            ])
        #expect(
            script.noInput
                == Script.NoInput(
                    after: .milliseconds(5000),
                    say: [Script.Utterance(prompt: 3, allowsBargeIn: true)], attempts: 1, step: 3))
    }

    /// One edit to the small script, and the problem it must be told.
    @Test(arguments: [
        (
            "start: ask", "start: aks",
            "bot.yaml:1: start: there is no step 'aks'; did you mean 'ask'?"
        ),
        (
            "start: ask", "begin: ask",
            "bot.yaml:1: begin: unknown key; known are start, no_input, steps"
        ),
        ("start: ask", "start: [ask]", "bot.yaml:1: start: expected a text, found a list"),
        (
            "attempts: 1", "attempts: -1",
            "bot.yaml:2: no_input.attempts: -1 is not within 0 to 10"
        ),
        (
            "after_ms: 5000, ", "",
            "bot.yaml:2: no_input: the key 'after_ms' is missing"
        ),
        (
            "barge_in: false", "bargein: false",
            "bot.yaml:5: steps.ask.say[1].bargein: unknown key; did you mean 'barge_in'?"
        ),
        (
            "barge_in: false", "barge_in: no",
            "bot.yaml:5: steps.ask.say[1].barge_in: expected true or false, found 'no'"
        ),
        (
            "digit: \"*\"", "digit: \"**\"",
            "bot.yaml:7: steps.ask.listen[0].digit: "
                + "'**' is no key of a telephone (0 to 9, *, #, A to D)"
        ),
        (
            "digit: \"*\"", "digit: 1, turn: 1",
            "bot.yaml:7: steps.ask.listen[0]: needs exactly one of "
                + "digit, turn, shorter_than_ms, longer_than_ms, event, has digit, turn"
        ),
        (
            "digit: \"*\", ", "",
            "bot.yaml:7: steps.ask.listen[0]: "
                + "this rule fits always, so those after it never would"
        ),
        (
            "- then: bye", "- {turn: 1, then: bye}",
            "bot.yaml:9: steps.ask.listen[2]: the last rule must fit always: it has only 'then'"
        ),
        (
            "most_digits: 4", "most_digits: 65",
            "bot.yaml:11: steps.number.collect.most_digits: 65 is not within 1 to 64"
        ),
        (
            "to: \"queue:sales\"", "destination: x",
            "bot.yaml:13: steps.sales.transfer.destination: unknown key; "
                + "known are to, variables, summary"
        ),
        (
            "end: {}", "end: {}\n    then: ask",
            "bot.yaml:15: steps.bye: needs exactly one of "
                + "then, listen, collect, transfer, end, has end, then"
        ),
        (
            "collect: {into", "sensitive: maybe\n    collect: {into",
            "bot.yaml:11: steps.number.sensitive: expected true or false, found 'maybe'"
        ),
        (
            "    end: {}", "    sensitive: true\n    end: {}",
            "bot.yaml:16: steps.bye.sensitive: "
                + "only a step that waits for the caller may be sensitive"
        ),
        (
            "end: {}", "end: {summary: \"PIN {pni}\"}",
            "bot.yaml:16: steps.bye.end.summary: no step collects 'pni'; did you mean 'pin'?"
        ),
        (
            "end: {}", "end: {summary: \"PIN {pin\"}",
            "bot.yaml:16: steps.bye.end.summary: "
                + "a brace encloses the name of a variable, as in {account}"
        ),
        (
            "    end: {}", "    event: \"\"\n    end: {}",
            "bot.yaml:16: steps.bye.event: has no value"
        ),
        (
            "    end: {}", "    then: bye2\n  bye2:\n    then: bye3\n  bye3:\n    then: bye2",
            "bot.yaml:4: steps: step 'bye2' leads back to itself without a word or a wait"
        ),
    ])
    func namesTheMistakeAndItsLine(old: String, new: String, sentence: String) throws {
        let text = Self.small.replacing(old, with: new, maxReplacements: 1)
        #expect(text != Self.small)
        let error = #expect(throws: YAMLProblem.self) { try Self.script(text) }
        #expect(error?.description == sentence)
    }

    @Test func readsWhatPlatformsAreTold() throws {
        let script = try Self.script(
            """
            start: ask
            no_input: {after_ms: 5000, attempts: 0, then: bye}
            steps:
              ask:
                event: asked
                sensitive: true
                listen: [{event: paid, then: bye}, {then: number}]
              number:
                collect: {into: pin, most_digits: 4, between_digits_ms: 2000, then: bye}
              bye:
                end: {variables: {who: them}, summary: "{who} has {pin}{pin}."}
            """)
        #expect(script.steps[0].event == "asked" && script.steps[0].isSensitive)
        #expect(script.steps[1].event == nil && !script.steps[1].isSensitive)
        guard case .listen(let rules) = script.steps[0].action,
            case .end(_, let summary) = script.steps[2].action
        else {
            Issue.record("The steps are not what the text says")
            return
        }
        #expect(rules.first == Script.Rule(condition: .event("paid"), step: 2))
        #expect(summary?.variables == ["who", "pin", "pin"])
        #expect(summary?.filled(with: ["who": "Ann", "pin": "{12}"]) == "Ann has {12}{12}.")
        #expect(summary?.filled(with: [:]) == " has .")
    }

    @Test(arguments: ["a {", "a }", "{}", "{a{b}}", "{a}}"])
    func bracesComeInPairs(text: String) {
        #expect(Script.Template(parsing: text) == nil)
    }

    @Test func aMissingPromptFileIsNamedWithItsLine() {
        let text = Self.small.replacing("prompts/goodbye.wav", with: "prompts/adieu.wav")
        let error = #expect(throws: YAMLProblem.self) { try Self.script(text) }
        #expect(error?.line == 15)
        #expect(error?.message.hasPrefix("there is no prompt file 'prompts/adieu.wav'") == true)
    }

    @Test func aFolderIsNoPromptFile() {
        let text = Self.small.replacing("prompts/goodbye.wav", with: "prompts")
        #expect(throws: YAMLProblem.self) { try Self.script(text) }
    }

    @Test func aScriptThatWaitsSaysWhatToDoWithoutInput() {
        let lines = Self.small.split(separator: "\n").filter { !$0.hasPrefix("no_input") }
        let error = #expect(throws: YAMLProblem.self) {
            try Self.script(lines.joined(separator: "\n"))
        }
        #expect(error?.message == "the key 'no_input' is missing: a step waits for the caller")
    }

    @Test func aScriptThatNeverWaitsNeedsNoInputRule() throws {
        let script = try Self.script("start: a\nsteps: {a: {end: {}}}")
        #expect(script.noInput == nil)
    }

    @Test func aScriptHasSteps() {
        #expect(throws: YAMLProblem.self) { try Self.script("start: a\nsteps: {}") }
    }

    @Test func aFileThatCannotBeReadIsNamed() {
        let url = Self.folder.appending(path: "missing.yaml")
        let error = #expect(throws: YAMLProblem.self) { try Script(contentsOf: url) }
        #expect(error?.file == url.path)
    }

    @Test func theDefaultScriptIsSoundAndUsesEveryPromptOfThePackage() throws {
        let script = try Script(contentsOf: Script.defaultURL)
        #expect(script.steps[script.start].name == "welcome")
        let files = try FileManager.default.contentsOfDirectory(
            atPath: Self.folder.appending(path: "prompts").path)
        #expect(Set(files.map { "prompts/\($0)" }) == Set(script.prompts.map(\.name)))
    }
}
