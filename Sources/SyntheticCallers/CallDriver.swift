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
class CallDriver<Link: CallLink>: PacedCall, @unchecked Sendable {
    private final var platform: Link.Platform
    private final let link: Link
    private final let loan: OutputLoan<Link.Platform.Outputs>
    private final let pacer: CallPacer
    private final let onEvent: (@Sendable (TimelineEvent) -> Void)?
    private final let misbehaviour: CallerMisbehaviour?
    private final var completion: ((CallResult) -> Void)?
    /// Takes what is settled while the call goes on; nil keeps everything for the end.
    private final var onSettled: ((CallResult) -> Void)?
    /// Plays dead: does nothing, hears nothing, and is still there.
    private final var isFrozen = false
    private final var handle: CallHandle?
    private final var eventsSeen = 0
    private final var isCarryingOut = false
    final var slot: Int?

    init(
        _ platform: Link.Platform, link: Link, loan: OutputLoan<Link.Platform.Outputs>,
        pacer: CallPacer, misbehaviour: CallerMisbehaviour?,
        onEvent: (@Sendable (TimelineEvent) -> Void)?
    ) {
        self.platform = platform
        self.misbehaviour = misbehaviour
        self.link = link
        self.loan = loan
        self.pacer = pacer
        self.onEvent = onEvent
    }

    final func start(
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

    final func hangUp() {
        if isFrozen { return endMisbehaviour() }
        tell { $0.hangUp(at: $1) }
        link.flush()
    }

    final var isOver: Bool { completion == nil }

    /// Does what is due.
    func advance(to instant: MediaInstant) { serve(to: instant) }

    final func serve(to instant: MediaInstant) {
        guard !isFrozen else { return setDeadline(nil) }
        borrow()
        platform.advance(to: instant)
        carryOut()
        link.flush()
    }

    /// Tells the platform what happened, with the instant, and does what it wants done about it.
    /// Nothing is told after the end of the call.
    final func tell(_ what: (inout Link.Platform, MediaInstant) -> Void) {
        guard !isOver, !isFrozen else { return }
        borrow()
        what(&platform, CallPacer.now())
        carryOut()
    }

    /// What the platform knows, for a link to ask.
    final func ask<Answer>(_ question: (Link.Platform) -> Answer) -> Answer { question(platform) }

    /// Lends the platform the loop's memory for what it wants done.
    private final func borrow() {
        guard !isCarryingOut else { return }
        platform.takeOutputs(into: &loan.batch)
    }

    /// Carries out until nothing is left; what a step makes the platform want comes after it.
    private final func carryOut() {
        guard !isCarryingOut else { return }
        isCarryingOut = true
        // Out of the platform while it is read: a link may come back here before it is through.
        var batch = Link.Platform.Outputs()
        platform.takeOutputs(into: &batch)
        while !batch.isEmpty, !isOver {
            link.carryOut(batch, for: self)
            var more = Link.Platform.Outputs()
            platform.takeOutputs(into: &more)
            guard !more.isEmpty else { break }
            batch = more
        }
        batch.removeAll()
        loan.batch = batch
        isCarryingOut = false
        tellEvents()
        setDeadline(platform.deadline)
    }

    private final func setDeadline(_ deadline: MediaInstant?) {
        guard let slot else { return }
        pacer.setDeadline(deadline, of: slot)
    }

    private final func tellEvents() {
        guard let onEvent else { return }
        let events = platform.log.events
        for event in events[eventsSeen...] { onEvent(event) }
        eventsSeen = events.count
    }

    /// The platform said that the call is over.
    final func finish() {
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

    final func settle(at instant: MediaInstant) {
        guard let onSettled, !isOver else { return }
        let generator = platform.log.generator
        guard let report = platform.takeSettled(at: instant) else { return }
        onSettled(CallResult(report: report, recording: CallRecording(), generator: generator))
    }

    // MARK: - Misbehaviour

    private final func misbehave() {
        guard let misbehaviour else { return }
        pacer.after(misbehaviour.begins) { [weak self] in
            guard let self, !self.isOver else { return }
            self.link.setReading(false)
            self.isFrozen = misbehaviour.kind == .deadPeer
            self.pacer.after(misbehaviour.lasts) { [weak self] in self?.endMisbehaviour() }
        }
    }

    private final func endMisbehaviour() {
        guard !isOver else { return }
        guard isFrozen else { return link.setReading(true) }
        platform.log.note(.caller, "vanished", at: CallPacer.now())
        platform.log.end(.byCaller, "vanished")
        finish()
    }
}

// A method that is reached through a protocol runs in its general form, which looks up types and
// copies values at every step. These take the one that runs fifty times a second in the form made
// for their platform.

final class WebexDriver: CallDriver<WebexLink>, @unchecked Sendable {
    override func advance(to instant: MediaInstant) { serve(to: instant) }
}

final class CXoneDriver: CallDriver<WebSocketLink<CXonePlatform>>, @unchecked Sendable {
    override func advance(to instant: MediaInstant) { serve(to: instant) }
}

final class GenesysDriver: CallDriver<WebSocketLink<GenesysPlatform>>, @unchecked Sendable {
    override func advance(to instant: MediaInstant) { serve(to: instant) }
}
