// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation

/// Writes what the trained parts of the detector are shown, block by block, for training them.
///
///     hearing-features vad DIR OUT
///     hearing-features bargein DIR OUT
///
/// For each `DIR/ID.wav`, or pair of `DIR/ID.far.wav` and `DIR/ID.near.wav`, it writes `OUT/ID.f32`, rows of 32-bit floats, least significant octet
/// first, one
/// for each 8 ms; `OUT/columns.json` names the columns. Files are shared out over all cores.
@main
struct HearingFeatures {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count == 3, let mode = arguments.first else {
            return fail("Usage: hearing-features vad|bargein DIR OUT")
        }
        let folder = URL(filePath: arguments[2])
        let output = URL(filePath: arguments[3])
        do {
            try FileManager.default.createDirectory(
                at: output, withIntermediateDirectories: true)
            switch mode {
            case "vad": try await VoiceActivityDump.run(folder, to: output)
            case "bargein": try await BargeInDump.run(folder, to: output)
            default: return fail("There is no mode '\(mode)'")
            }
        } catch {
            fail("\(error)")
        }
    }

    private static func fail(_ message: String) {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(1)
    }

    /// Calls `body` with the name of each file of `folder` that ends with `suffix`, on all cores.
    static func forEachFile(
        in folder: URL, suffix: String, _ body: @escaping @Sendable (String) throws -> Void
    ) async throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path())
            .filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }.sorted()
        let workers = ProcessInfo.processInfo.activeProcessorCount
        try await withThrowingTaskGroup { group in
            for worker in 0..<workers {
                group.addTask {
                    for index in stride(from: worker, to: names.count, by: workers) {
                        try body(names[index])
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// The first channel of a WAV file.
    static func clip(of file: URL) throws -> AudioClip {
        try WAVFile.parse([UInt8](Data(contentsOf: file))).clip(channel: 0)
    }

    static func write(_ rows: [Float], to file: URL) throws {
        var octets = [UInt8](repeating: 0, count: 4 * rows.count)
        for (index, value) in rows.enumerated() {
            let bits = value.bitPattern
            octets[4 * index] = UInt8(truncatingIfNeeded: bits)
            octets[4 * index + 1] = UInt8(truncatingIfNeeded: bits >> 8)
            octets[4 * index + 2] = UInt8(truncatingIfNeeded: bits >> 16)
            octets[4 * index + 3] = UInt8(truncatingIfNeeded: bits >> 24)
        }
        try Data(octets).write(to: file)
    }

    static func write(columns: [String], to folder: URL) throws {
        try JSONEncoder().encode(["columns": columns])
            .write(to: folder.appending(path: "columns.json"))
    }
}
