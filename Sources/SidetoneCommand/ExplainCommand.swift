// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import AudioCore
internal import Foundation
internal import HearingTrials

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why the bot was interrupted, or was not, in a recorded call.",
        discussion: """
            The recording has two channels, the caller left and the bot right, as `sidetone call \
            --recording` writes it. Decisions are printed; --picture draws them.
            """)

    @Argument(help: "WAV of the call: caller left, bot right, 8 or 16 kHz.")
    var recording: String

    @Option(name: .long, help: "Write a picture (SVG) of the call here.")
    var picture: String?

    @Option(name: .long, help: "Show only so many milliseconds around this one of the call.")
    var around: Int?

    @OptionGroup var hearing: HearingArguments

    func run() throws {
        let wav = try HearingRecording.wav(at: recording)
        guard wav.format.channels == 2 else {
            throw CleanFailure("\(recording) has \(wav.format.channels) channel(s): 2 are needed")
        }
        // Who answers a prompt does not interrupt it: a prompt's own pauses are shorter.
        var trial = hearing.trial
        trial.longestPause = .milliseconds(500)
        let record: HearingRecord
        do {
            record = try trial.run(near: wav.clip(channel: 0), far: wav.clip(channel: 1))
        } catch {
            throw CleanFailure("\(recording): \(error)")
        }
        let stretch = around.map { Self.stretch(around: $0) }
        let shown = record.evidence.filter { stretch?.contains($0.at) ?? true }
        for moment in shown {
            for line in HearingExplanation(moment, in: record).lines { print(line) }
        }
        if shown.isEmpty { print("no evidence of an interruption") }
        if let picture {
            let name = URL(filePath: recording).lastPathComponent
            let svg = HearingPicture(record, title: name, range: stretch).svg
            guard FileManager.default.createFile(atPath: picture, contents: Data(svg.utf8)) else {
                throw CleanFailure("\(picture) cannot be written")
            }
            print("picture: \(picture)")
        }
    }

    /// Two seconds before and three after.
    private static func stretch(around milliseconds: Int) -> Range<MediaDuration> {
        let center = Int64(milliseconds)
        return .milliseconds(max(0, center - 2000))..<(.milliseconds(center + 3000))
    }
}
