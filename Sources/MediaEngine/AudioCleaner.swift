// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import SpeechDetection

/// Takes the echo of the bot out of the caller's audio before the bot is given it.
///
/// It works in frames of 10 ms, so the newest samples wait for their frame. Owned by its ``Call``.
/// Allocates only in `init`, 0.4 MB.
struct AudioCleaner: ~Copyable {
    private var canceller = WebRTCEchoCanceller()
    private var near = [Int16](repeating: 0, count: WebRTCEchoCanceller.frameLength)
    private var far = [Int16](repeating: 0, count: WebRTCEchoCanceller.frameLength)
    /// Samples by which the canceller is given the far end later than it was heard.
    private var shift: Int64 = 0
    /// Everything before it is clean.
    private var end = SamplePosition.start

    /// An echo that follows by less is found by the canceller itself.
    private static let reach: Int64 = 1600
    /// Room before the echo's first path, for an estimate that is late.
    private static let margin: Int64 = 480
    /// The most that the far end is moved: what a detector of the echo's delay can find.
    private static let longestShift: Int64 = 5376

    /// Cleans all whole frames of `history`.
    /// - Parameters:
    ///   - offset: samples by which `playout`'s far end is heard later than estimated.
    ///   - delay: samples by which the echo follows that, where it is known.
    /// - Returns: the position before which everything is clean.
    mutating func clean(
        _ history: inout SampleHistory, hearing playout: borrowing Playout, offset: Int64,
        delay: Int?
    ) -> SamplePosition {
        if let delay { follow(Int64(delay)) }
        let length = WebRTCEchoCanceller.frameLength
        while end.distance(to: history.end) >= length {
            cleanFrame(&history, hearing: playout, offset: offset + shift)
            end = end.advanced(by: length)
        }
        return end
    }

    private mutating func cleanFrame(
        _ history: inout SampleHistory, hearing playout: borrowing Playout, offset: Int64
    ) {
        // Taken out for the moment: a span of a stored array would lock all of self.
        var spoken: [Int16] = []
        var heard: [Int16] = []
        swap(&spoken, &near)
        swap(&heard, &far)
        history.copy(from: end, count: spoken.count, into: &spoken)
        do {
            var room = heard.mutableSpan
            let place = playout.farEndAnchor.place(of: end)
            let isHeard = place.map { playout.farEnd.read(from: $0 - offset, into: &room) } ?? false
            if !isHeard {
                for index in room.indices { room[index] = 0 }
            }
        }
        do {
            var room = spoken.mutableSpan
            canceller.process(far: heard.span, near: &room)
        }
        history.replace(from: end, with: spoken.span)
        near = spoken
        far = heard
    }

    /// Moves the far end when the echo is out of the canceller's reach: it begins to learn anew then.
    private mutating func follow(_ delay: Int64) {
        guard delay < shift || delay > shift + Self.reach else { return }
        shift = min(max(0, delay - Self.margin), Self.longestShift)
    }

    /// The timeline goes on at `position`: what lies before it stays as it is.
    mutating func skip(to position: SamplePosition) {
        end = position
    }
}
