// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
public import NIOCore

/// Places synthetic calls over real sockets, thousands at a time.
///
/// Calls are spread over the loops of a group; each lives on its loop. One timer per loop serves
/// all of them at absolute deadlines, so pacing does not drift and a call costs no thread. Safe to
/// use from any thread.
public final class CallGenerator: Sendable {
    private let group: any EventLoopGroup
    let shards: [ObjectIdentifier: CallShard]
    let loops: [any EventLoop]

    /// - Parameter group: loops of NIOPosix; it must outlive the calls.
    public init(group: any EventLoopGroup) {
        self.group = group
        var shards: [ObjectIdentifier: CallShard] = [:]
        for loop in group.makeIterator() {
            shards[ObjectIdentifier(loop)] = CallShard(loop: loop)
        }
        self.shards = shards
        loops = Array(group.makeIterator())
    }

    /// Places a call and returns when it is over. A server that is not there, refuses or
    /// misbehaves is a result, not an error. Cancelling the task hangs up.
    ///
    /// - Parameter onEvent: told of what happens as it happens, on the call's loop: it must be
    ///   quick. Instants are exact, so an utterance may be announced slightly before it sounds.
    public func run(
        _ call: SyntheticCall, onEvent: (@Sendable (TimelineEvent) -> Void)? = nil
    ) async -> CallResult {
        let loop = group.next()
        guard let shard = shards[ObjectIdentifier(loop)] else {
            preconditionFailure("A group must offer the loops that it lists")
        }
        let promise = loop.makePromise(of: CallResult.self)
        let handle = CallHandle(loop: loop)
        return await withTaskCancellationHandler {
            loop.execute {
                shard.place(call, handle: handle, onEvent: onEvent, onSettled: nil) {
                    promise.succeed($0)
                }
            }
            do {
                return try await promise.futureResult.get()
            } catch {
                preconditionFailure("A call's promise is never failed: \(error)")
            }
        } onCancel: {
            loop.execute { handle.hangUp() }
        }
    }
}

/// Hangs up a call from outside its loop.
//
// Sendable although mutable: touched on `loop` only, which every method checks.
final class CallHandle: @unchecked Sendable {
    private let loop: any EventLoop
    private var isHungUp = false
    /// Set while the call lives.
    private var action: (() -> Void)?

    init(loop: any EventLoop) {
        self.loop = loop
    }

    /// What ends the call; runs at once when the call was cancelled before it began.
    func attach(_ action: @escaping () -> Void) {
        loop.preconditionInEventLoop()
        self.action = action
        if isHungUp { action() }
    }

    func detach() {
        loop.preconditionInEventLoop()
        action = nil
    }

    func hangUp() {
        loop.preconditionInEventLoop()
        isHungUp = true
        action?()
    }
}

/// The calls of one event loop.
//
// Sendable although mutable: touched on `loop` only, which `place` checks and the pacer's timers
// follow.
final class CallShard: @unchecked Sendable {
    private let loop: any EventLoop
    private let pacer: CallPacer
    private let connections: WebexConnections
    private let webexLoan = OutputLoan<WebexOutputs>()
    private let webSocketLoan = OutputLoan<[WebSocketOutput]>()

    init(loop: any EventLoop) {
        self.loop = loop
        pacer = CallPacer(loop: loop)
        connections = WebexConnections(loop: loop)
    }

    /// For use from any thread.
    func settle(_ lateness: @escaping @Sendable (LatenessHistogram) -> Void) {
        loop.execute { lateness(self.pacer.settle()) }
    }

    /// For use from any thread.
    func hangUp() { loop.execute { self.pacer.hangUp() } }

    func place(
        _ call: SyntheticCall, handle: CallHandle, onEvent: (@Sendable (TimelineEvent) -> Void)?,
        onSettled: ((CallResult) -> Void)?, completion: @escaping (CallResult) -> Void
    ) {
        loop.preconditionInEventLoop()
        switch call.leg {
        case .webSocket(.genesys(let options), let url, let tls):
            let platform = GenesysPlatform(
                options: options, script: call.script, agent: call.agent,
                keepsAudio: call.isRecorded)
            GenesysDriver(
                platform, link: WebSocketLink(to: url, tls: tls, on: loop),
                loan: webSocketLoan, pacer: pacer, misbehaviour: call.misbehaviour,
                onEvent: onEvent
            ).start(handle, onSettled: onSettled, completion)
        case .webSocket(.cxone(let options), let url, let tls):
            let platform = CXonePlatform(
                options: options, script: call.script, agent: call.agent,
                keepsAudio: call.isRecorded)
            CXoneDriver(
                platform, link: WebSocketLink(to: url, tls: tls, on: loop),
                loan: webSocketLoan, pacer: pacer, misbehaviour: call.misbehaviour,
                onEvent: onEvent
            ).start(handle, onSettled: onSettled, completion)
        case .webex(let options, let endpoint):
            let platform = WebexPlatform(
                options: options, script: call.script, keepsAudio: call.isRecorded)
            WebexDriver(
                platform, link: WebexLink(to: endpoint, over: connections, options: options),
                loan: webexLoan, pacer: pacer, misbehaviour: call.misbehaviour,
                onEvent: onEvent
            ).start(handle, onSettled: onSettled, completion)
        }
    }
}
