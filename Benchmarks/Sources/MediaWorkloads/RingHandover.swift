// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore

/// Audio on its way to a bot on another thread: both ends of the ring, taking turns.
final class RingHandover {
    private var ring = SampleRing(capacity: 16_000, target: 1600, overflow: .dropNewest)
    private let input = TestSpeech.noise(320)
    private var output = [Int16](repeating: 0, count: 320)

    /// The reader is 100 ms behind.
    init() {
        let input = input
        for _ in 0..<5 { _ = ring.writer.write(input.span) }
    }

    /// 20 ms at 16 kHz.
    func frame() {
        let input = input
        _ = ring.writer.write(input.span)
        var samples: [Int16] = []
        swap(&samples, &output)
        do {
            var room = samples.mutableSpan
            _ = ring.reader.read(into: &room)
        }
        output = samples
    }
}
