// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import SpeechDetection

extension Piece {
    /// One detector that stays in the caches, without a prompt.
    static let detectors = [
        detector("detect-speech", TestSpeech.voice(seconds: 10, pitch: 150, seed: 1)),
        detector("detect-silence", TestSpeech.silence(seconds: 10, seed: 5)),
    ]

    private static func detector(_ name: String, _ signal: [Int16]) -> Piece {
        Piece(name, against: .webRTCDetector) {
            let callers = HearingCallers(hearing: signal)
            return Prepared(
                runs: 500, work: { callers.frame() },
                reference: Yardstick.detector(of: signal),
                byteCount: callers.bytesPerCall)
        }
    }

    /// 2000 calls that take turns, out of the caches: voice, turns, keys, faults, and with a prompt
    /// echo and interruptions. The yardsticks do a part of it each, for one call.
    static let hearing = [
        Piece("hear-2000-calls-no-prompt", against: .webRTCDetector) {
            hearing(
                [.idle: 100],
                Yardstick.detector(of: TestSpeech.voice(seconds: 4, pitch: 150, seed: 1)))
        },
        Piece("hear-2000-calls-mixed", against: .speexCanceller) {
            hearing([.idle: 70, .echo: 25, .interruption: 5], Yardstick.canceller())
        },
        Piece("hear-2000-calls-interrupted", against: .speexCanceller) {
            hearing([.interruption: 100], Yardstick.canceller())
        },
    ]

    private static func hearing(
        _ share: [HearingCallers.Situation: Int], _ reference: Reference
    ) -> Prepared {
        let callers = HearingCallers(calls: 2000, share: share, seconds: 1)
        return Prepared(
            calls: 2000, runs: 2, work: { callers.frame() }, reference: reference,
            byteCount: callers.bytesPerCall)
    }
}
