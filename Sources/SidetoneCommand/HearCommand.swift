// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import AudioCore
internal import Foundation
internal import HearingTrials
internal import JSON
internal import SpeechDetection

struct HearCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hear",
        abstract: "Run the detector over recorded calls and write what it decided as JSON.")

    @Option(name: .long, help: "WAV of the caller's side, 8 or 16 kHz.")
    var near: String?

    @Option(name: .long, help: "WAV of what the caller was played meanwhile; none when left out.")
    var far: String?

    @Option(
        name: .long,
        help: "A folder of ID.near.wav with ID.far.wav, or of ID.wav: each becomes one entry.")
    var batch: String?

    @Option(name: .long, help: "Where to write; standard output when left out.")
    var out: String?

    @OptionGroup var hearing: HearingArguments

    func validate() throws {
        guard (near == nil) != (batch == nil) else {
            throw ValidationError("give either --near or --batch")
        }
        guard far == nil || near != nil else { throw ValidationError("--far goes with --near") }
    }

    func run() async throws {
        let trial = hearing.trial
        guard let batch else {
            let recording = HearingRecording(
                name: near ?? "", near: near ?? "", far: far)
            return try write(try recording.hear(with: trial).json.text)
        }
        let recordings = try HearingRecording.all(in: batch)
        var heard = JSONObject()
        for (name, json) in try await hear(recordings, with: trial) { heard.append(name, json) }
        try write(JSONValue.object(heard).text)
    }

    /// Listens to all recordings on all cores; the result is in the order of their names.
    private func hear(
        _ recordings: [HearingRecording], with trial: HearingTrial
    ) async throws -> [(String, JSONValue)] {
        let started = ContinuousClock.now
        var results: [Heard] = []
        try await withThrowingTaskGroup(of: Heard.self) { group in
            var waiting = recordings[...]
            for recording in waiting.prefix(ProcessInfo.processInfo.activeProcessorCount) {
                group.addTask { try Heard(recording, trial) }
            }
            waiting = waiting.dropFirst(ProcessInfo.processInfo.activeProcessorCount)
            while let heard = try await group.next() {
                results.append(heard)
                if let recording = waiting.popFirst() {
                    group.addTask { try Heard(recording, trial) }
                }
                if results.count % 50 == 0 || results.count == recordings.count {
                    let seconds = results.reduce(0) { $0 + $1.seconds }
                    let took = ContinuousClock.now - started
                    note("\(results.count) of \(recordings.count), \(Int(seconds)) s in \(took)")
                }
            }
        }
        return results.map { ($0.name, $0.json) }.sorted { $0.0 < $1.0 }
    }

    /// What was made of one recording.
    private struct Heard: Sendable {
        let name: String
        let seconds: Double
        let json: JSONValue

        init(_ recording: HearingRecording, _ trial: HearingTrial) throws {
            let record = try recording.hear(with: trial)
            name = recording.name
            seconds = Double(record.decisions.count) * 0.008
            json = record.json
        }
    }

    private func write(_ text: String) throws {
        guard let out else { return print(text) }
        guard FileManager.default.createFile(atPath: out, contents: Data((text + "\n").utf8))
        else { throw CleanFailure("\(out) cannot be written") }
    }

    private func note(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }
}

/// How the detector is set up, for the commands that run one.
struct HearingArguments: ParsableArguments {
    private static let sensitivities: [String: BargeInSensitivity] = [
        "eager": .eager, "standard": .standard, "strict": .strict,
    ]
    private static let profiles: [String: EndpointProfile] = [
        "responsive": .responsive, "patient": .patient, "adaptive": .adaptive,
    ]

    @Option(
        name: .long,
        help: "How much evidence makes an interruption: eager, standard, strict, or a number.")
    var sensitivity = "standard"

    @Option(name: .long, help: "What ends a turn: responsive, patient or adaptive.")
    var endpoints = "responsive"

    @Option(
        name: .long,
        help: "How late the platform may begin to play, in milliseconds: 0 to 4000.")
    var offset = 0

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A part to leave out, for an evaluation.", visibility: .hidden))
    var ablate: String?

    func validate() throws {
        let number = Float(sensitivity).map { (1...200).contains($0) }
        guard Self.sensitivities[sensitivity] != nil || number == true else {
            throw ValidationError("--sensitivity takes eager, standard, strict or 1 to 200")
        }
        guard Self.profiles[endpoints] != nil else {
            throw ValidationError("--endpoints takes responsive, patient or adaptive")
        }
        guard (0...4000).contains(offset) else {
            throw ValidationError("--offset takes 0 to 4000 ms")
        }
        guard ablate == nil || HearingTrial.parts.contains(ablate ?? "") else {
            throw ValidationError("--ablate takes \(HearingTrial.parts.joined(separator: ", "))")
        }
    }

    var trial: HearingTrial {
        let profile = HearingProfile(
            endpoints: Self.profiles[endpoints] ?? .responsive,
            sensitivity: Self.sensitivities[sensitivity]
                ?? BargeInSensitivity(
                    evidence: Float(sensitivity) ?? BargeInSensitivity.standard.evidence),
            farEndOffsetLimit: .milliseconds(Int64(offset)))
        return HearingTrial(profile: profile, without: ablate)
    }
}
