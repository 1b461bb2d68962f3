// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import NIOCore
import SyntheticCallers

/// Speech-like material with known edges: a buzz of harmonics with a syllable rhythm, silence
/// around it.
enum TestVoices {
    static func buzz(_ count: Int, pitch: Double = 140, amplitude: Double = 6000) -> [Int16] {
        (0..<count).map { index in
            let time = Double(index) / 8000
            let syllable = 0.6 + 0.4 * sin(2 * .pi * 4 * time)
            let wave = (1...8).map { sin(2 * .pi * pitch * Double($0) * time) / Double($0) }
            return Int16(amplitude * syllable * wave.reduce(0, +) / 2)
        }
    }

    static func sine(_ index: Int, frequency: Double, rate: SampleRate) -> Int16 {
        Int16(8000 * sin(2 * .pi * frequency * Double(index) / Double(rate.hertz)))
    }

    /// `lead` samples of silence, `speech` of buzz, `tail` of silence.
    static func clip(lead: Int = 800, speech: Int = 8000, tail: Int = 800) -> AudioClip {
        let silence = { (count: Int) in [Int16](repeating: 0, count: count) }
        return AudioClip(
            rate: .hz8000, samples: silence(lead) + buzz(speech) + silence(tail))
    }

    static func callerClip(
        _ name: String = "hello.wav", lead: Int = 800, speech: Int = 8000, tail: Int = 800
    ) throws -> CallerClip {
        try CallerClip(
            name: name, audio: clip(lead: lead, speech: speech, tail: tail),
            labels: SpeechLabels(runs: [lead..<lead + speech]))
    }

    /// Bot audio of that many samples, loud from the first to the last.
    static func botAudio(_ count: Int) -> ByteBuffer {
        ByteBuffer(bytes: (0..<count).map { $0 % 16 < 8 ? UInt8(0x20) : UInt8(0xA0) })
    }

    static func silence(_ count: Int) -> ByteBuffer {
        ByteBuffer(repeating: 0xFF, count: count)
    }
}
