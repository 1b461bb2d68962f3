// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// Finds the gaps of a stream that carries neither numbers nor timestamps, from arrival times.
///
/// It outlives connections. Late audio is not missing audio: within one connection only a silence
/// of ``CXonePolicy/holdThreshold`` counts as a gap, while the time between two connections always
/// does.
public struct CXoneStreamTimeline: Sendable {
    private var lastArrival: MediaInstant?
    private var isResumed = false

    public init() {}

    /// Another connection carries the stream.
    public mutating func resume() {
        isResumed = true
    }

    /// Takes note of `sampleCount` samples that arrived at `now`.
    /// - Returns: samples missing before them. No allocation.
    public mutating func receive(sampleCount: Int, at now: MediaInstant) -> Int {
        defer {
            lastArrival = now
            isResumed = false
        }
        guard let lastArrival else { return 0 }
        let silence = now - lastArrival
        guard isResumed || silence >= CXonePolicy.holdThreshold else { return 0 }
        let rate = CXonePolicy.format.rate
        return max(0, rate.samples(in: silence) - sampleCount)
    }
}
