// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

extension GenesysSession {
    /// The sample nearest to a duration of the wire.
    static func position(of duration: MediaDuration) -> SamplePosition {
        let halfSample = MediaDuration(nanoseconds: 500_000_000 / Int64(GenesysPolicy.rate.hertz))
        return SamplePosition(Int64(GenesysPolicy.rate.samples(in: duration + halfSample)))
    }

    /// Follows the `position` of an envelope when it differs by more than the tolerance.
    ///
    /// Only while audio flows: during a pause the position may run on, and `resumed` says exactly
    /// what was skipped. The envelopes of `resumed` and `discarded` are not consulted for the same
    /// reason: whether their position is before or after the skipped audio is not stated.
    mutating func reconcile(_ stated: MediaDuration, _ actions: inout [GenesysAction]) {
        guard state == .active, media != nil else { return }
        let tolerance = max(
            GenesysPolicy.rate.samples(in: GenesysPolicy.positionTolerance), longestMessage)
        let distance = position.distance(to: Self.position(of: stated))
        if abs(distance) > tolerance { move(to: stated, .position, &actions) }
    }

    /// Moves the timeline to a place that the client stated.
    mutating func move(
        to place: MediaDuration, _ cause: GenesysTimelineMove.Cause,
        _ actions: inout [GenesysAction]
    ) {
        let target = Self.position(of: place)
        guard media != nil, target != position else { return }
        actions.append(
            .timelineMoved(GenesysTimelineMove(from: position, to: target, cause: cause)))
        position = target
    }
}
