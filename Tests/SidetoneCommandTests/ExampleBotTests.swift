// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import Operations
import SyntheticCallers
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// The example bots, as a newcomer starts them, behind the server and a synthetic caller.
@Suite struct ExampleBotTests {
    /// Runs `body` with the address of the example bot `name`.
    private func withBot(_ name: String, _ body: (String) async throws -> Void) async throws {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let bot = Process()
        bot.executableURL = root.appending(path: "examples/bots/run")
        bot.arguments = [name, "--port", "0"]
        let output = Pipe()
        bot.standardOutput = output
        bot.standardError = output
        try bot.run()
        defer {
            // A process of Foundation's begins with the signals of its thread blocked.
            kill(bot.processIdentifier, SIGKILL)
            bot.waitUntilExit()
        }
        // Its first line is its address.
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let address = try #require(
            line.split(separator: "\n").first, "run scripts/install-dependencies")
        try await body(String(address))
    }

    @Test func theRuleBotGreetsIsInterruptedAndEnds() async throws {
        try await withBot("rules") { address in
            let settings = ["bot.kind=websocket", "remote.url=\(address)"]
            try await withServer(settings: settings) { server in
                let caller = CallerScript(
                    steps: [
                        .init(
                            .afterBot(quiet: .milliseconds(400)),
                            .speak(try Voice.caller("conf-onlyperson"))),
                        // Into the answer, which is several seconds long.
                        .init(
                            .intoBot(.milliseconds(1000)),
                            .speak(try Voice.caller("conf-onlyperson"))),
                    ])
                let result = try await place(
                    .genesys(GenesysCallOptions(seed: 5)), path: "/genesys/connector", on: server,
                    script: caller)
                let report = result.report
                #expect(report.violations.isEmpty, "\(report.violations)")
                #expect(report.ending.kind == .byBot)
                #expect(report.outputVariables["turns"] == "2")
                let interruption = try #require(report.interruptions.first)
                #expect(try #require(interruption.latency).value < 600)
                #expect(interruption.stale.value == 0)
                let latency = try #require(report.turns.first?.arrivalLatency).value
                #expect(latency > 250 && latency < 900, "\(latency) ms; \(report.turns)")
            }
        }
    }

    @Test func theEchoBotSaysBackWhatWasSaid() async throws {
        try await withBot("echo") { address in
            let settings = [
                "bot.kind=websocket", "remote.url=\(address)", "remote.encoding=pcm16",
                "remote.rate=8000",
            ]
            try await withServer(settings: settings) { server in
                let caller = CallerScript(
                    steps: [
                        .init(.at(.milliseconds(500)), .speak(try Voice.caller("vm-goodbye"))),
                        .init(.afterBot(quiet: .milliseconds(300)), .hangUp),
                    ])
                let result = try await place(
                    .genesys(GenesysCallOptions(seed: 6)), path: "/genesys/connector", on: server,
                    script: caller)
                #expect(result.report.violations.isEmpty, "\(result.report.violations)")
                let turn = try #require(result.report.turns.first)
                let clip = try Voice.clip("vm-goodbye")
                let onset = try #require(SpeechLabels(of: clip).onset)
                let heard = Int(
                    (try #require(turn.heard).value - (result.report.mediaStart?.value ?? 0)) * 8)
                let match = bestMatch(
                    of: clip.samples[onset..<(onset + 3000)],
                    in: result.recording.botAudio.samples, starting: (heard - 800)...(heard + 2400))
                #expect(match.correlation > 0.9)
            }
        }
    }
}
