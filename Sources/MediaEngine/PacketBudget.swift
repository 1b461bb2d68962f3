// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// A token bucket: how many packets may leave now.
struct PacketBudget {
    private let interval: MediaDuration
    private let burst: Int
    /// The instant at which the bucket will be full again.
    private var fullAt: MediaInstant

    init(profile: PacingProfile, now: MediaInstant) {
        interval = profile.packetInterval
        burst = profile.packetBurst
        fullAt = now
    }

    func allowsPacket(at now: MediaInstant) -> Bool {
        let debt = (fullAt - now).nanoseconds
        return debt <= interval.nanoseconds * Int64(burst - 1)
    }

    mutating func spend(at now: MediaInstant) {
        fullAt = max(fullAt, now) + interval
    }

    /// No packet leaves for `duration`: the platform asked for a pause.
    mutating func hold(for duration: MediaDuration, now: MediaInstant) {
        let until = now + duration + MediaDuration(nanoseconds: interval.nanoseconds * Int64(burst))
        fullAt = max(fullAt, until)
    }
}
