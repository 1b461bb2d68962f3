// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import SpeechDetection

/// What others take for 20 ms of a call, measured in turns with ours.
package enum Yardstick: String {
    case speexResampler = "libspeexdsp's resampler"
    case speexCanceller = "libspeexdsp's canceller"
    case webRTCDetector = "WebRTC's voice detector"
    /// Ours, without what the piece adds.
    case plainCall = "a call without"

    /// From one rate to another at quality 5. 8 to 16 kHz measures what has no counterpart.
    static func resampler(from: Int = 8000, to: Int = 16_000) -> Piece.Reference {
        let resampler = SpeexReference(from: from, to: to)
        let input = TestSpeech.noise(from / 50)
        var output = [Int16](repeating: 0, count: to / 50)
        return Piece.Reference(runs: 100) { resampler.process(input, into: &output) }
    }

    /// A tail of 64 ms at 8 kHz.
    static func canceller() -> Piece.Reference {
        let canceller = SpeexCanceller()
        let voice = TestSpeech.voice(seconds: 4, pitch: 150, seed: 1)
        let echo = TestSpeech.echo(of: voice)
        var output = [Int16](repeating: 0, count: 160)
        var start = 0
        return Piece.Reference(runs: 100) {
            canceller.cancel(
                Array(echo[start..<start + 160]), far: Array(voice[start..<start + 160]),
                into: &output)
            start = (start + 160) % (voice.count - 160)
        }
    }

    /// Two frames of 10 ms at 8 kHz.
    static func detector(of signal: [Int16]) -> Piece.Reference {
        let detector = VoiceDetectorOfOthers(signal)
        return Piece.Reference(runs: 200) { detector.frame() }
    }
}

/// WebRTC's voice detector, going round and round a signal.
private final class VoiceDetectorOfOthers {
    private var detector = WebRTCVoiceActivityDetector(rate: .hz8000, aggressiveness: 3)
    private let signal: [Int16]
    private var start = 0

    init(_ signal: [Int16]) {
        self.signal = signal
    }

    func frame() {
        let signal = signal
        for offset in [0, 80] {
            _ = detector.isActive(signal.span.extracting(start + offset..<start + offset + 80))
        }
        start = (start + 160) % (signal.count - 160)
    }
}
