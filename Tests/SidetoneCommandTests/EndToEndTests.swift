// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Bots
import Foundation
import Histogram
import MediaServer
import Operations
import SyntheticCallers
import Testing

/// The main job over real sockets, in real time, with recorded human speech.
@Suite struct EndToEndTests {
    private static let script = """
        start: welcome
        no_input: {after_ms: 8000, say: prompts/no-input.wav, attempts: 1, then: goodbye}
        steps:
          welcome:
            say: prompts/how-can-i-help.wav
            listen:
              - then: answer
          answer:
            say: prompts/opening-hours.wav
            listen:
              - then: goodbye
          goodbye:
            say: {file: prompts/goodbye.wav, barge_in: false}
            end:
              variables: {outcome: done}
        """

    private func prompt(_ name: String) throws -> AudioClip {
        let url = Script.defaultURL.deletingLastPathComponent().appending(
            path: "prompts/\(name).wav")
        return try WAVFile.parse([UInt8](Data(contentsOf: url))).clip(channel: 0)
    }

    @Test func aGenesysCallerIsAnsweredAndBothSidesAreOnOneTimeline() async throws {
        try await withServer(script: Self.script) { server in
            let caller = CallerScript(
                steps: [
                    .init(
                        .afterBot(quiet: .milliseconds(400)),
                        .speak(try Voice.caller("conf-onlyperson"))),
                    .init(
                        .afterBot(quiet: .milliseconds(400)), .speak(try Voice.caller("vm-goodbye"))
                    ),
                ])
            let result = try await place(
                .genesys(GenesysCallOptions(seed: 1)), path: "/genesys/connector", on: server,
                script: caller)
            let report = result.report
            #expect(report.violations.isEmpty, "\(report.violations)")
            #expect(report.underruns.isEmpty)
            #expect(report.ending.kind == .byBot)
            #expect(report.outputVariables["outcome"] == "done")
            #expect(report.turns.count == 2)
            for turn in report.turns {
                let latency = try #require(turn.arrivalLatency).value
                // 320 ms of silence, told in packets of 200 ms; the bot thinks 0 ms.
                #expect(latency > 250 && latency < 800)
            }
            let statistics = try await server.statistics()
            #expect(statistics.turnTotal.totalCount == 2)
            try expectBothSides(of: result, first: "how-can-i-help", said: "conf-onlyperson")
        }
    }

    /// The caller is on the left where the report says it spoke, the bot on the right likewise.
    private func expectBothSides(of result: CallResult, first: String, said: String) throws {
        let report = result.report
        let wav = try WAVFile.parse(result.recording.wav.encode())
        #expect(wav.format.channels == 2)
        let left = wav.clip(channel: 0).samples
        let right = wav.clip(channel: 1).samples

        let clip = try Voice.clip(said)
        let labels = SpeechLabels(of: clip)
        let onset = try #require(labels.onset)
        let base = report.mediaStart?.value ?? 0
        let turn = try #require(report.turns.first)
        let spoken = Int((turn.speechStart.value - base) * 8)
        let caller = bestMatch(
            of: clip.samples[onset..<(onset + 4000)], in: left,
            starting: max(0, spoken - 400)...(spoken + 400))
        #expect(caller.correlation > 0.98)
        #expect(abs(caller.start - spoken) <= 80)

        let words = try prompt(first)
        let response = try #require(report.responses.first)
        let heard = Int((response.start.value - base) * 8)
        let middle = words.samples.count / 2
        let bot = bestMatch(
            of: words.samples[middle..<(middle + 4000)], in: right,
            starting: max(0, heard + middle - 400)...(heard + middle + 400))
        #expect(bot.correlation > 0.98)
        // Neither side is in the other's channel.
        let crossed = bestMatch(
            of: clip.samples[onset..<(onset + 4000)], in: right,
            starting: max(0, spoken - 400)...(spoken + 400))
        #expect(crossed.correlation < 0.5)
    }

    @Test func anInterruptionSilencesTheBot() async throws {
        try await withServer(script: Self.script) { server in
            let caller = CallerScript(
                steps: [
                    .init(
                        .afterBot(quiet: .milliseconds(300)),
                        .speak(try Voice.caller("conf-onlyperson"))),
                    .init(
                        .intoBot(.milliseconds(700)), .speak(try Voice.caller("conf-onlyperson"))),
                ])
            let result = try await place(
                .genesys(GenesysCallOptions(seed: 2)), path: "/genesys/connector", on: server,
                script: caller)
            #expect(result.report.violations.isEmpty, "\(result.report.violations)")
            let interruption = try #require(result.report.interruptions.first)
            let latency = try #require(interruption.latency).value
            // 100 ms of voice as evidence, told in packets of 200 ms.
            #expect(latency < 600)
            #expect(interruption.dropped.value > 0)
            #expect(interruption.stale.value == 0)
            let result11 = try await server.statistics().bargeIns
            #expect(result11 == 1)
        }
    }

    @Test func bothStreamsOfACXoneCallAreHeard() async throws {
        try await withServer { server in
            let caller = CallerScript(
                steps: [
                    .init(.at(.milliseconds(500)), .speak(try Voice.caller("conf-onlyperson"))),
                    .init(.after(.milliseconds(1200)), .hangUp),
                ])
            let result = try await place(
                .cxone(CXoneCallOptions(seed: 3)), path: "/cxone", on: server, script: caller)
            #expect(result.report.violations.isEmpty, "\(result.report.violations)")
            #expect(result.report.ending.kind == .byCaller)
            let statistics = try await server.statistics()
            #expect(statistics.callsStarted == 2)
            #expect(result.report.counts.binarySent > 100)
        }
    }

    /// Says back each turn, as the README shows it.
    private struct Parrot: VoiceBot {
        func run(_ call: VoiceCall) async throws {
            while let turn = await call.nextTurn() {
                try await call.play(turn.audio)
            }
        }
    }

    @Test func aBotWrittenInSwiftAnswersOnARealSocket() async throws {
        try await withServer(bots: VoiceBotProvider { _ in Parrot() }) { server in
            let caller = CallerScript(
                steps: [
                    .init(.at(.milliseconds(300)), .speak(try Voice.caller("vm-goodbye"))),
                    .init(.afterBot(quiet: .milliseconds(300)), .hangUp),
                ])
            let result = try await place(
                .genesys(GenesysCallOptions(seed: 4)), path: "/genesys/connector", on: server,
                script: caller)
            #expect(result.report.violations.isEmpty, "\(result.report.violations)")
            let turn = try #require(result.report.turns.first)
            #expect(try #require(turn.arrivalLatency).value < 800)
            // What comes back is what was said.
            let clip = try Voice.clip("vm-goodbye")
            let onset = try #require(SpeechLabels(of: clip).onset)
            let heard = Int(
                (try #require(turn.heard).value - (result.report.mediaStart?.value ?? 0)) * 8)
            let match = bestMatch(
                of: clip.samples[onset..<(onset + 3000)], in: result.recording.botAudio.samples,
                starting: heard...(heard + 2400))
            #expect(match.correlation > 0.9)
        }
    }
}
