// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import SpeechDetection

/// What the barge-in net sees of every scenario of a folder, before the means over time,
/// and whether the net judged the block: outside of the echo's time it does not.
enum BargeInDump {
    static func run(_ folder: URL, to output: URL) async throws {
        try HearingFeatures.write(columns: BargeInFeatures.names + ["judged"], to: output)
        try await HearingFeatures.forEachFile(in: folder, suffix: ".near.wav") { name in
            let near = try HearingFeatures.clip(of: folder.appending(path: name + ".near.wav"))
            let far = try HearingFeatures.clip(of: folder.appending(path: name + ".far.wav"))
            try HearingFeatures.write(
                rows(near: near.samples, far: far.samples),
                to: output.appending(path: name + ".f32"))
        }
    }

    static func rows(near: [Int16], far: [Int16]) -> [Float] {
        let pool = EchoCancellerPool(capacity: 1)
        var detector = BargeInDetector(sensitivity: .standard, cancellers: pool)
        var input = AnalysisInput(rate: .hz8000)
        var analysis = BandSpectrum()
        var floor = NoiseFloor()
        var voice = VoiceActivityDetector()
        var block = InlineArray<64, Float>(repeating: 0)
        var rows: [Float] = []
        for start in stride(from: 0, through: min(near.count, far.count) - 64, by: 64) {
            _ = input.append(near.span.extracting(start..<start + 64))
            input.copyBlock(into: &block)
            analysis.analyze(block.span)
            floor.observe(analysis.level)
            let activity = voice.observe(
                block.span, levels: analysis.level, floor: floor.level)
            let judgement = detector.observe(
                block.span, analysis: analysis, floor: floor, voice: activity, pitch: voice.pitch,
                far: far.span.extracting(start..<start + 64),
                start: SamplePosition(Int64(start)), end: SamplePosition(Int64(start + 64)),
                mayInterrupt: false)
            for index in 0..<BargeInFeatures.count {
                rows.append(detector.echo.features.inputs[index])
            }
            rows.append(judgement.isEchoPossible ? 1 : 0)
        }
        return rows
    }
}
