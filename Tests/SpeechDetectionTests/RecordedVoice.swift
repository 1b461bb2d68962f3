// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Debian's recorded prompts (asterisk-core-sounds-*-wav), where they are installed.
enum RecordedVoice {
    static let languages = ["en", "es", "fr"]

    static let isInstalled = languages.allSatisfy { !files(of: $0).isEmpty }

    /// All recordings of a language by name.
    static func files(of language: String) -> [String] {
        // The folder of a language is a link to that of a voice.
        let folder = URL(fileURLWithPath: "/usr/share/asterisk/sounds/\(language)")
            .resolvingSymlinksInPath().path
        let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String }
        return (files ?? []).filter { $0.hasSuffix(".wav") }.sorted().map { folder + "/" + $0 }
    }

    /// The samples of one file: 8 kHz, 16 bits, one channel, behind the plainest header.
    static func samples(in path: String) throws -> [Int16] {
        let octets = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        return stride(from: 44, to: octets.count - 1, by: 2).map {
            Int16(truncatingIfNeeded: Int(octets[$0]) | Int(octets[$0 + 1]) << 8)
        }
    }

    /// Recordings one after the other, without those of single words.
    static func samples(of language: String, seconds: Int) throws -> [Int16] {
        var result: [Int16] = []
        for path in files(of: language) where result.count < seconds * 8000 {
            let samples = try samples(in: path)
            if samples.count > 24_000 { result += samples }
        }
        return Array(result.prefix(seconds * 8000))
    }
}
