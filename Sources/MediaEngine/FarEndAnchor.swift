// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// Which place of the far end belongs to a position of the caller's audio.
///
/// Both run at the caller's own pace, so their distance is set once and kept: the estimate of when a
/// sample was spoken wanders with the network, and an echo does not. It is set anew when the
/// estimate has moved by 20 ms or more, and after a second in which nothing was heard.
struct FarEndAnchor {
    private static let quiet: Int64 = 8000

    private let ratio: (far: Int64, near: Int64)
    private var distance: Int64?
    private var lastHeard = Int64.min / 2

    init(rate: SampleRate) {
        ratio = (Int64(FarEndReference.rate.hertz), Int64(rate.hertz))
    }

    /// Takes note of the estimate, when audio up to `position` has come, that the caller's first
    /// sample was spoken at `origin`.
    mutating func observe(_ origin: MediaInstant, at position: SamplePosition) {
        let estimate = FarEndReference.place(of: origin)
        if let distance, abs(estimate - distance) < Int64(FarEndReference.tolerance),
            count(position) - lastHeard < Self.quiet
        {
            return
        }
        distance = estimate
    }

    /// The place that belongs to `position`; nil before anything has arrived.
    func place(of position: SamplePosition) -> Int64? {
        distance.map { count(position) + $0 }
    }

    /// Something was heard at `position`.
    mutating func noteHeard(at position: SamplePosition) {
        lastHeard = max(lastHeard, count(position))
    }

    private func count(_ position: SamplePosition) -> Int64 {
        ratio.far == ratio.near ? position.index : position.index * ratio.far / ratio.near
    }
}
