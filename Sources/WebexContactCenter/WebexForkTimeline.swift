// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// Finds the gaps of a leg: by the capture times that its audio carries, and across connections
/// without them by arrival.
///
/// Each piece is measured against the one before it, so that clocks that drift apart never add up to
/// a gap. It outlives RPCs. Capture times that stand still, run backwards or leap are not believed.
struct WebexForkTimeline: Sendable {
    private let rate: SampleRate
    /// When the piece after the newest one is due, by the platform's clock, in nanoseconds.
    private var dueCapture: Int64?
    private var lastArrival: MediaInstant?
    private var isResumed = false

    init(rate: SampleRate) {
        self.rate = rate
    }

    /// Another RPC carries the leg.
    mutating func resume() {
        isResumed = true
    }

    /// Takes note of audio that arrived at `now`.
    /// - Parameter capturedAt: nanoseconds since 1970; nil when not said.
    /// - Returns: samples missing before it. No allocation.
    mutating func receive(
        sampleCount: Int, capturedAt: Int64?, at now: MediaInstant
    ) -> Int {
        let duration = rate.duration(of: sampleCount)
        defer {
            lastArrival = now
            isResumed = false
            dueCapture = capturedAt.map { $0 + duration.nanoseconds }
        }
        if let capturedAt, let dueCapture {
            let gap = MediaDuration(nanoseconds: capturedAt - dueCapture)
            let isGap =
                gap >= WebexForkPolicy.gapThreshold && gap <= WebexForkPolicy.longestGap
            return isGap ? rate.samples(in: gap) : 0
        }
        guard isResumed, let lastArrival else { return 0 }
        let gap = now - lastArrival - duration
        return gap > .zero ? rate.samples(in: min(gap, WebexForkPolicy.longestGap)) : 0
    }
}
