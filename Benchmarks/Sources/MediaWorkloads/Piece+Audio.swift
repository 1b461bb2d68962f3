// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore

extension Piece {
    /// G.711 has no counterpart in the libraries: its yardstick says that it is next to nothing.
    static let codecs = [AudioEncoding.pcmu, .pcma].flatMap { encoding in
        [
            Piece("\(encoding)-encode", against: .speexResampler) {
                let samples = TestSpeech.noise(160)
                var bytes = [UInt8](repeating: 0, count: 160)
                return Prepared(
                    runs: 5000,
                    work: {
                        var room = bytes.mutableSpan
                        AudioCodec.encode(
                            LinearAudio(samples.span, rate: .hz8000), as: encoding, into: &room)
                    }, reference: Yardstick.resampler())
            },
            Piece("\(encoding)-decode", against: .speexResampler) {
                let format = AudioFormat(encoding, rate: .hz8000)
                let bytes = TestSpeech.noise(160).map { UInt8(truncatingIfNeeded: $0) }
                var samples = [Int16](repeating: 0, count: 160)
                return Prepared(
                    runs: 5000,
                    work: {
                        var room = samples.mutableSpan
                        AudioCodec.decode(EncodedAudio(bytes.span, format: format), into: &room)
                    }, reference: Yardstick.resampler())
            },
        ]
    }

    static let resamplers = [(8000, 16_000), (16_000, 8000), (8000, 24_000), (24_000, 8000)].map {
        from, to in
        Piece("resample-\(from / 1000)-to-\(to / 1000)-kHz", against: .speexResampler) {
            let input = TestSpeech.noise(from / 50)
            var output = [Int16](repeating: 0, count: to / 50)
            var resampler = Resampler(from: SampleRate(hertz: from), to: SampleRate(hertz: to))
            return Prepared(
                runs: 500,
                work: {
                    var room = output.mutableSpan
                    resampler.process(input.span, into: &room)
                }, reference: Yardstick.resampler(from: from, to: to))
        }
    }

    /// 20 ms into the ring and out again, on one thread.
    static let rings = [
        Piece("ring-hand-over", against: .speexResampler) {
            let handover = RingHandover()
            return Prepared(
                runs: 5000, work: { handover.frame() }, reference: Yardstick.resampler())
        }
    ]
}
