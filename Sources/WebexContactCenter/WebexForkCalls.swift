// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Logging
internal import MediaServer
internal import NIOCore
internal import Synchronization

/// What media forking has seen since the start.
public struct WebexForkCounts: Hashable, Sendable {
    /// RPCs begun.
    public var streams = 0
    public var legsStarted = 0
    /// Legs that another RPC took over.
    public var legsResumed = 0
    /// Legs that nobody came back for.
    public var legsExpired = 0
    /// RPCs that ended in order.
    public var acknowledgements = 0
    /// RPCs that we ended, by reason.
    public var refusals: [WebexForkRefusal: Int] = [:]
}

/// The forked legs of all event loops. Locked, and asked when legs and RPCs come and go, never per
/// message.
final class WebexForkCalls: Sendable {
    typealias StreamID = WebexForkedConversations.StreamID

    private struct State {
        var conversations: WebexForkedConversations
        var legs: [WebexForkLegKey: NIOLoopBound<WebexForkLeg>] = [:]
        var counts = WebexForkCounts()
        var lastStream: StreamID = 0
    }

    private enum Found {
        case leg(NIOLoopBound<WebexForkLeg>, isNew: Bool, format: WebexForkFormat)
        case stopped(WebexForkFormat)
        case refused(WebexForkRefusal)
    }

    /// What came of ``open(_:inputs:stream:on:)``.
    enum Opened {
        /// Give its audio to this leg, on the leg's event loop. Nil: drop it.
        case leg(NIOLoopBound<WebexForkLeg>?, format: WebexForkFormat)
        case refused(WebexForkRefusal)
    }

    let server: MediaServer
    private let logger: Logger
    private let state: Mutex<State>

    init(server: MediaServer, grace: MediaDuration, logger: Logger) {
        self.server = server
        self.logger = logger
        state = Mutex(State(conversations: WebexForkedConversations(grace: grace)))
    }

    var counts: WebexForkCounts { state.withLock { $0.counts } }

    /// Conversations held, those that wait for a connection included.
    var conversationCount: Int { state.withLock { $0.conversations.count } }

    func count(_ change: (inout WebexForkCounts) -> Void) {
        state.withLock { change(&$0.counts) }
    }

    /// The number of a new RPC.
    func beginStream() -> StreamID {
        state.withLock { state in
            state.counts.streams += 1
            state.lastStream += 1
            return state.lastStream
        }
    }

    /// Finds or creates the leg that an RPC has audio for. Called on the RPC's event loop, which is
    /// one of the server's.
    func open(
        _ opening: WebexForkStream.Opening, inputs: [String: String], stream: StreamID,
        on eventLoop: any EventLoop
    ) -> Opened {
        switch find(opening, stream: stream, on: eventLoop) {
        case .refused(let refusal): return .refused(refusal)
        case .stopped(let format): return .leg(nil, format: format)
        case .leg(let leg, isNew: false, let format):
            logger.info("leg resumed", metadata: ["leg": "\(opening.key)"])
            if eventLoop === leg.eventLoop {
                leg.value.resume(on: stream)
            } else {
                leg.eventLoop.execute { leg.value.resume(on: stream) }
            }
            return .leg(leg, format: format)
        case .leg(let leg, isNew: true, let format):
            do throws(AdmissionError) {
                try leg.value.start(organization: opening.organization, inputs: inputs)
            } catch {
                state.withLock { state in
                    state.conversations.abandon(opening.key)
                    state.legs[opening.key] = nil
                }
                return .refused(WebexForkRefusal(error))
            }
            count { $0.legsStarted += 1 }
            return .leg(leg, format: format)
        }
    }

    /// The leg is in the directory before its call exists: who comes for it meanwhile, on another
    /// event loop, waits for this one.
    private func find(
        _ opening: WebexForkStream.Opening, stream: StreamID, on eventLoop: any EventLoop
    ) -> Found {
        state.withLock { state in
            switch state.conversations.attach(opening, stream: stream) {
            case .refused(let refusal): return .refused(refusal)
            case .stopped(let format): return .stopped(format)
            case .resumed(let format):
                guard let leg = state.legs[opening.key] else { return .stopped(format) }
                state.counts.legsResumed += 1
                return .leg(leg, isNew: false, format: format)
            case .started(let format):
                let leg = NIOLoopBound(
                    WebexForkLeg(
                        self, key: opening.key, format: format.audio, carrier: stream,
                        eventLoop: eventLoop), eventLoop: eventLoop)
                state.legs[opening.key] = leg
                return .leg(leg, isNew: true, format: format)
            }
        }
    }

    /// The RPC is over: its legs end with `reason`, or wait for another RPC when it is nil. Legs
    /// that another RPC has taken over go on.
    func close(_ keys: [WebexForkLegKey], stream: StreamID, ending reason: CallEndReason?) {
        for key in keys {
            let leg = state.withLock { state -> NIOLoopBound<WebexForkLeg>? in
                guard reason != nil else {
                    let isCarried = state.conversations.detach(
                        key, stream: stream, at: MonotonicClock.now())
                    return isCarried ? state.legs[key] : nil
                }
                guard state.conversations.finish(key, stream: stream) else { return nil }
                return state.legs.removeValue(forKey: key)
            }
            guard let leg else { continue }
            leg.eventLoop.execute {
                if let reason {
                    leg.value.end(reason)
                } else {
                    leg.value.detach(stream)
                }
            }
        }
    }

    /// The bot is done with a leg.
    func stop(_ key: WebexForkLegKey) {
        state.withLock { state in
            state.conversations.stop(key)
            state.legs[key] = nil
        }
    }

    /// Ends the legs that nobody came back for. Called about once a second.
    func sweep(at now: MediaInstant = MonotonicClock.now()) {
        let ended = state.withLock { state in
            let keys = state.conversations.advance(to: now)
            state.counts.legsExpired += keys.count
            return keys.compactMap { state.legs.removeValue(forKey: $0) }
        }
        for leg in ended {
            leg.eventLoop.execute { leg.value.end(.connectionLost) }
        }
    }
}
