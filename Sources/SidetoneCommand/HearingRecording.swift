// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Foundation
internal import HearingTrials

/// The files of one recorded call.
struct HearingRecording: Sendable {
    let name: String
    let near: String
    let far: String?

    /// Every call of a folder: `ID.near.wav` with its `ID.far.wav`, or `ID.wav` without one.
    static func all(in folder: String) throws -> [HearingRecording] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw CleanFailure("\(folder) is no folder that can be read")
        }
        let present = Set(names)
        let recordings: [HearingRecording] = names.sorted().compactMap { name in
            guard name.hasSuffix(".wav"), !name.hasSuffix(".far.wav") else { return nil }
            let isNear = name.hasSuffix(".near.wav")
            let id = String(name.dropLast(isNear ? 9 : 4))
            let far = "\(id).far.wav"
            // Stems of a scenario, such as its echo alone, are no call.
            guard isNear || !id.contains(".") else { return nil }
            return HearingRecording(
                name: id, near: "\(folder)/\(name)",
                far: present.contains(far) ? "\(folder)/\(far)" : nil)
        }
        guard !recordings.isEmpty else { throw CleanFailure("\(folder) holds no WAV files") }
        return recordings
    }

    func hear(with trial: HearingTrial) throws -> HearingRecord {
        let far = try far.map { try Self.wav(at: $0).clip(channel: 0) }
        do {
            return try trial.run(near: Self.wav(at: near).clip(channel: 0), far: far)
        } catch let fault as HearingTrial.Fault {
            throw CleanFailure("\(near): \(fault)")
        }
    }

    static func wav(at path: String) throws -> WAVFile {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CleanFailure("\(path) cannot be read")
        }
        do {
            return try WAVFile.parse([UInt8](data))
        } catch {
            throw CleanFailure("\(path): \(error)")
        }
    }
}
