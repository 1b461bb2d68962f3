// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import Foundation

/// The audio of a script's prompts, read once and shared by all calls.
public struct PromptLibrary: Sendable {
    /// In the order of the script's prompts.
    public let clips: [AudioClip]

    /// Why a prompt cannot be played.
    public struct Problem: Error, Hashable, CustomStringConvertible {
        public let path: String
        public let reason: String

        public var description: String { "Prompt \(path): \(reason)" }
    }

    /// Reads every prompt of `script` from its WAV file: mono, PCM16, mu-law or A-law.
    public init(script: Script) throws(Problem) {
        var clips: [AudioClip] = []
        for prompt in script.prompts {
            clips.append(try Self.clip(at: prompt.path))
        }
        self.clips = clips
    }

    /// Reads one WAV file: mono, PCM16, mu-law or A-law.
    public static func clip(at path: String) throws(Problem) -> AudioClip {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Problem(path: path, reason: "the file cannot be read")
        }
        do {
            let file = try WAVFile.parse([UInt8](data))
            guard file.format.channels == 1 else {
                throw Problem(path: path, reason: "a prompt has one channel")
            }
            return file.clip(channel: 0)
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(path: path, reason: "\(error)")
        }
    }
}
