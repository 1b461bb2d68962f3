// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Foundation
public import SyntheticCallers

/// What the callers of a run say, and the noise of their lines.
///
/// A library belongs to one event loop: calls of two loops that shared clips would count references
/// to the same memory from two cores, fifty times a second each.
public struct SpeechLibrary: Sendable {
    public let clips: [CallerClip]
    public let noise: ComfortNoise

    /// The background of every line; under what is said as well.
    private static var line: ComfortNoise { ComfortNoise(level: -65, seed: 1) }

    public init(_ clips: [CallerClip], noise: ComfortNoise) {
        self.clips = clips
        self.noise = noise
    }

    /// Reads files as they are, and of folders what can serve: speech of 0.6 to 4 s, at most
    /// ``mostOfFolder`` of them, chosen by the seed.
    ///
    /// - Throws: ``LoadProblem`` for a file that cannot be used, or when nothing is left.
    public init(paths: [String], seed: UInt64) throws(LoadProblem) {
        let noise = Self.line
        var clips: [CallerClip] = []
        for path in paths {
            if let names = try? FileManager.default.contentsOfDirectory(atPath: path) {
                clips += Self.folder(path, names, seed: seed, noise: noise)
            } else {
                clips.append(try Self.clip(path, noise: noise))
            }
        }
        guard !clips.isEmpty else { throw LoadProblem("there is no speech to use (see --audio)") }
        self.init(clips, noise: noise)
    }

    /// Clips taken from one folder.
    public static let mostOfFolder = 24

    /// The same clips in memory of their own.
    public func copy() -> SpeechLibrary {
        SpeechLibrary(clips.map { $0.copy() }, noise: Self.line)
    }

    private static func clip(_ path: String, noise: ComfortNoise) throws(LoadProblem) -> CallerClip
    {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw LoadProblem("\(path) cannot be read")
        }
        let name = URL(filePath: path).deletingPathExtension().lastPathComponent
        do {
            return try CallerClip(name: name, wav: [UInt8](data), noise: noise)
        } catch {
            throw LoadProblem("\(path): \(error)")
        }
    }

    private static func folder(
        _ path: String, _ names: [String], seed: UInt64, noise: ComfortNoise
    ) -> [CallerClip] {
        var generator = SeededGenerator(seed: seed)
        var clips: [CallerClip] = []
        for name in names.filter({ $0.lowercased().hasSuffix(".wav") }).sorted()
            .shuffled(using: &generator)
        {
            guard clips.count < mostOfFolder else { break }
            guard let clip = try? clip(path + "/" + name, noise: noise), isSuitable(clip) else {
                continue
            }
            clips.append(clip)
        }
        return clips
    }

    /// One utterance: long enough to be one, and without a pause that a server may take for its end.
    private static func isSuitable(_ clip: CallerClip) -> Bool {
        guard let onset = clip.labels.onset, let end = clip.labels.end else { return false }
        let gaps = zip(clip.labels.runs, clip.labels.runs.dropFirst()).map {
            $1.lowerBound - $0.upperBound
        }
        return (4800...32_000).contains(end - onset) && (gaps.max() ?? 0) <= 2000
    }
}
