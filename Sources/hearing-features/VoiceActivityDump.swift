// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import SpeechDetection

/// The inputs of the voice activity net for every file of a folder.
enum VoiceActivityDump {
    static func run(_ folder: URL, to output: URL) async throws {
        try HearingFeatures.write(columns: VoiceActivityFeatures.names, to: output)
        try await HearingFeatures.forEachFile(in: folder, suffix: ".wav") { name in
            let clip = try HearingFeatures.clip(of: folder.appending(path: name + ".wav"))
            try HearingFeatures.write(
                rows(of: clip), to: output.appending(path: name + ".f32"))
        }
    }

    static func rows(of clip: AudioClip) -> [Float] {
        var input = AnalysisInput(rate: clip.rate)
        var analysis = BandSpectrum()
        var floor = NoiseFloor()
        var voice = VoiceActivityDetector()
        var block = InlineArray<64, Float>(repeating: 0)
        var rows: [Float] = []
        var offset = 0
        while offset < clip.samples.count {
            let rest = clip.samples.span.extracting(offset..<clip.samples.count)
            let (count, isComplete) = input.append(rest)
            offset += count
            guard isComplete else { continue }
            input.copyBlock(into: &block)
            analysis.analyze(block.span)
            floor.observe(analysis.level)
            _ = voice.observe(block.span, levels: analysis.level, floor: floor.level)
            for index in voice.features.values.indices {
                rows.append(voice.features.values[index])
            }
        }
        return rows
    }
}
