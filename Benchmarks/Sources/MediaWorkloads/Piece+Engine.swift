// Sidetone
// SPDX-License-Identifier: Apache-2.0

import MediaEngine

extension Piece {
    /// Whole calls, without sockets.
    static let engine = [
        Piece("call-chain", against: .speexResampler) {
            talking(calls: 1, runs: 500)
        },
        Piece("call-chain-2000-calls", against: .speexResampler) {
            talking(calls: 2000, runs: 1)
        },
        Piece("ticks-2000-calls", against: .speexResampler) {
            let calls = Conversations(calls: 2000, seconds: 6)
            return Prepared(
                calls: 2000, runs: 2, work: { calls.ticks() }, reference: Yardstick.resampler())
        },
        Piece("conversation-2000-calls", against: .speexResampler) {
            let calls = Conversations(calls: 2000, seconds: 6)
            return Prepared(
                calls: 2000, runs: 2, work: { calls.frame() }, reference: Yardstick.resampler(),
                byteCount: calls.bytesPerCall)
        },
        Piece("clean-audio", against: .plainCall) {
            let plain = TalkingCalls(calls: 200)
            let clean = TalkingCalls(calls: 200, cleansAudio: true)
            // The filters adapt for a while before they cost what they will.
            for _ in 0..<50 { clean.frame() }
            return Prepared(
                calls: 200, runs: 2, work: { clean.frame() },
                reference: Reference(runs: 2, calls: 200) { plain.frame() })
        },
    ]

    /// A frame each way and two ticks: decoding, detection, resampling, pacing, encoding.
    private static func talking(calls: Int, runs: Int) -> Prepared {
        let talking = TalkingCalls(calls: calls)
        return Prepared(
            calls: calls, runs: runs, work: { talking.frame() }, reference: Yardstick.resampler())
    }
}
