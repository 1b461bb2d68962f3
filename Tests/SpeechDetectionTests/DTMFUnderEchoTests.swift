// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import SpeechDetection
import Testing

/// Keys pressed while the line returns our own prompt, and voices that are no keys.
@Suite struct DTMFUnderEchoTests {
    private func keys(in samples: [Int16]) -> String {
        var detector = DTMFDetector(rate: .hz8000)
        var found = ""
        for start in stride(from: 0, through: samples.count - 64, by: 64) {
            let change = detector.observe(
                samples.span.extracting(start..<start + 64), end: SamplePosition(Int64(start + 64)))
            if case .pressed(let press)? = change { found.append(press.digit.key) }
        }
        return found
    }

    /// The prompt after 40 ms and a few reflections, `loss` dB down.
    private func echo(of prompt: [Double], loss: Double) -> [Double] {
        let gain = pow(10, -loss / 20) / 1.6
        return prompt.indices.map { index in
            let taps = [(320, 1.0), (327, -0.6), (341, 0.4), (366, -0.25)]
            return gain * taps.reduce(0) { $0 + ($1.0 <= index ? $1.1 * prompt[index - $1.0] : 0) }
        }
    }

    @Test(arguments: [95.0, 120, 170, 230]) func aKeyIsFoundUnderTheEchoOfThePrompt(pitch: Double) {
        let prompt = echo(of: MovingVoice(pitch: pitch, seed: 3).waveform(seconds: 9), loss: 10)
        let tones = DTMFGenerator(
            rate: .hz8000, level: -27, on: .milliseconds(100), off: .milliseconds(400)
        ).samples(of: DTMFDigit.all)
        let line = prompt.indices.map { index in
            Int16(clamping: Int(prompt[index]) + (index < tones.count ? Int(tones[index]) : 0))
        }
        #expect(keys(in: line) == "123A456B789C*0#D")
    }

    @Test(arguments: [80.0, 97, 118, 146, 190, 240, 310]) func aVoiceIsNoKey(pitch: Double) {
        let line = MovingVoice(pitch: pitch, seed: 11).waveform(seconds: 6)
        #expect(keys(in: line.map { Int16(clamping: Int($0)) }) == "")
        #expect(keys(in: echo(of: line, loss: 10).map { Int16(clamping: Int($0)) }) == "")
    }

    @Test(.enabled(if: RecordedVoice.isInstalled), arguments: RecordedVoice.languages)
    func aRecordedVoiceIsNoKey(language: String) throws {
        for path in RecordedVoice.files(of: language).prefix(20) {
            #expect(keys(in: try RecordedVoice.samples(in: path)) == "", "\(path)")
        }
    }
}
