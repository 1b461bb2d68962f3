// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// The network side of one call: carries out what its platform wants, and tells the driver what
/// came. Used on the pacer's loop only.
protocol CallLink: AnyObject {
    associatedtype Platform: CallPlatform
    /// Carries out the batch, up to and with the end of the call when that is in it.
    func carryOut(_ outputs: Platform.Outputs, for driver: CallDriver<Self>)
    /// What was carried out may leave now.
    func flush()
    /// Whether what the server sends is read; when not it piles up there.
    func setReading(_ isReading: Bool)
    /// The call is over: gives up whatever is still open.
    func abandon()
}

/// Joins one platform to the network and to the clock.
//
// Sendable although mutable: created, called and released on the pacer's loop only; its link is
// on the same loop. It is marked so for the closures that network clients carry there.
final class CallDriver<Link: CallLink>: PacedCall, @unchecked Sendable {
    private var platform: Link.Platform
    private let link: Link
    private let pacer: CallPacer
    private let onEvent: (@Sendable (TimelineEvent) -> Void)?
    private let misbehaviour: CallerMisbehaviour?
    private var completion: ((CallResult) -> Void)?
    /// Takes what is settled while the call goes on; nil keeps everything for the end.
    private var onSettled: ((CallResult) -> Void)?
    /// Plays dead: does nothing, hears nothing, and is still there.
    private var isFrozen = false
    private var handle: CallHandle?
    private var outputs = Link.Platform.Outputs()
    private var eventsSeen = 0
    private var isCarryingOut = false
    var slot: Int?

    init(
        _ platform: Link.Platform, link: Link, pacer: CallPacer,
        misbehaviour: CallerMisbehaviour?, onEvent: (@Sendable (TimelineEvent) -> Void)?
    ) {
        self.platform = platform
        self.misbehaviour = misbehaviour
        self.link = link
        self.pacer = pacer
        self.onEvent = onEvent
    }

    func start(
        _ handle: CallHandle, onSettled: ((CallResult) -> Void)?,
        _ completion: @escaping (CallResult) -> Void
    ) {
        self.completion = completion
        self.onSettled = onSettled
        self.handle = handle
        platform.log.keepsTimeline = onSettled == nil
        pacer.add(self)
        tell { $0.start(at: $1) }
        guard !isOver else { return }
        // Strong, until the end detaches it: a weak reference makes each count of the object dear.
        handle.attach { self.hangUp() }
        misbehave()
    }

    func hangUp() {
        if isFrozen { return endMisbehaviour() }
        tell { $0.hangUp(at: $1) }
        link.flush()
    }

    var isOver: Bool { completion == nil }

    func advance(to instant: MediaInstant) {
        guard !isFrozen else { return pacer.setDeadline(nil, of: self) }
        platform.advance(to: instant)
        carryOut()
        link.flush()
    }

    /// Tells the platform what happened, with the instant, and does what it wants done about it.
    /// Nothing is told after the end of the call.
    func tell(_ what: (inout Link.Platform, MediaInstant) -> Void) {
        guard !isOver, !isFrozen else { return }
        what(&platform, CallPacer.now())
        carryOut()
    }

    /// What the platform knows, for a link to ask.
    func ask<Answer>(_ question: (Link.Platform) -> Answer) -> Answer { question(platform) }

    /// Carries out until nothing is left; what a step makes the platform want comes after it.
    private func carryOut() {
        guard !isCarryingOut else { return }
        isCarryingOut = true
        // Out of the class while it is read: a link may come back here before it is through.
        var batch = Link.Platform.Outputs()
        swap(&batch, &outputs)
        while !isOver {
            platform.takeOutputs(into: &batch)
            guard !batch.isEmpty else { break }
            link.carryOut(batch, for: self)
            batch.removeAll()
        }
        swap(&batch, &outputs)
        isCarryingOut = false
        tellEvents()
        pacer.setDeadline(platform.deadline, of: self)
    }

    private func tellEvents() {
        guard let onEvent else { return }
        let events = platform.log.events
        for event in events[eventsSeen...] { onEvent(event) }
        eventsSeen = events.count
    }

    /// The platform said that the call is over.
    func finish() {
        tellEvents()
        pacer.remove(self)
        handle?.detach()
        link.abandon()
        let result = CallResult(
            report: platform.takeReport(at: CallPacer.now()), recording: platform.takeRecording(),
            generator: platform.log.generator)
        completion?(result)
        completion = nil
        onSettled = nil
    }

    func settle(at instant: MediaInstant) {
        guard let onSettled, !isOver else { return }
        let generator = platform.log.generator
        guard let report = platform.takeSettled(at: instant) else { return }
        onSettled(CallResult(report: report, recording: CallRecording(), generator: generator))
    }

    // MARK: - Misbehaviour

    private func misbehave() {
        guard let misbehaviour else { return }
        pacer.after(misbehaviour.begins) { [weak self] in
            guard let self, !self.isOver else { return }
            self.link.setReading(false)
            self.isFrozen = misbehaviour.kind == .deadPeer
            self.pacer.after(misbehaviour.lasts) { [weak self] in self?.endMisbehaviour() }
        }
    }

    private func endMisbehaviour() {
        guard !isOver else { return }
        guard isFrozen else { return link.setReading(true) }
        platform.log.note(.caller, "vanished", at: CallPacer.now())
        platform.log.end(.byCaller, "vanished")
        finish()
    }
}
