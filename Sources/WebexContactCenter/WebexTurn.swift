// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import GRPCTransport
internal import Logging
internal import NIOCore
internal import SwiftProtobuf
internal import WebexMessages

/// One `ProcessCallerInput` RPC: finds its call with the first request and hands it everything.
///
/// Confined to its connection's event loop. The call may live on another one, where an earlier RPC
/// of the conversation came; then messages are copied and handed over in their order.
final class WebexTurn: GRPCServerHandler {
    private enum Route {
        /// No request has come.
        case none
        case here(WebexCall)
        case elsewhere(NIOLoopBound<WebexCall>)
        /// Refused, or over.
        case closed
    }

    private let adapter: WebexAdapter
    private let id: WebexRPCID
    private var route = Route.none

    init(_ adapter: WebexAdapter, id: WebexRPCID) {
        self.adapter = adapter
        self.id = id
    }

    func started(_ stream: GRPCServerStream) {
        adapter.counters.add { $0.rpcs += 1 }
    }

    func received(_ message: Span<UInt8>, on stream: GRPCServerStream) {
        switch route {
        case .here(let call): call.receive(message, on: id)
        case .elsewhere(let call):
            let octets = message.copy(0..<message.count)
            let id = id
            call.eventLoop.execute {
                call.value.receive(octets.span, on: id)
                call.value.completeBurst()
            }
        case .none: begin(message, stream)
        case .closed: break
        }
    }

    var wantsReadCompleted: Bool { true }

    func readCompleted(_ stream: GRPCServerStream) {
        if case .here(let call) = route { call.completeBurst() }
    }

    func halfClosed(_ stream: GRPCServerStream) {
        let id = id
        switch route {
        case .none: refuse(.missingRequest, stream)
        case .here(let call): call.halfClosed(id)
        case .elsewhere(let call): call.eventLoop.execute { call.value.halfClosed(id) }
        case .closed: break
        }
    }

    func ended(_ stream: GRPCServerStream, _ end: GRPCStreamEnd) {
        if end != .finished { adapter.counters.add { $0.cancellations += 1 } }
        let id = id
        switch route {
        case .here(let call): call.ended(id)
        case .elsewhere(let call): call.eventLoop.execute { call.value.ended(id) }
        case .none, .closed: break
        }
        route = .closed
    }

    // MARK: The first request

    private func begin(_ message: Span<UInt8>, _ stream: GRPCServerStream) {
        do throws(WebexViolation) {
            let request: WebexVoiceVARequest
            do {
                request = try WebexVoiceVARequest(decoding: message)
            } catch {
                throw .malformedRequest
            }
            let (conversationID, organizationID) = try WebexConversation.identity(of: request)
            let eventLoop = stream.eventLoop
            let finding = adapter.directory.find(
                conversationID, of: organizationID, on: eventLoop
            ) {
                WebexCall(
                    adapter, conversationID: conversationID, organizationID: organizationID,
                    eventLoop: eventLoop)
            }
            switch finding {
            case .foreign: throw .foreignOrganization
            case .created(let call): beginHere(request, call, stream)
            case .found(let call) where call.eventLoop.inEventLoop:
                beginHere(request, call.value, stream)
            case .found(let call): beginElsewhere(request, call, stream)
            }
        } catch {
            refuse(error, stream)
        }
    }

    private func beginHere(
        _ request: WebexVoiceVARequest, _ call: WebexCall, _ stream: GRPCServerStream
    ) {
        route = .here(call)
        call.open(id, stream)
        call.receive(request, on: id)
    }

    private func beginElsewhere(
        _ request: WebexVoiceVARequest, _ call: NIOLoopBound<WebexCall>, _ stream: GRPCServerStream
    ) {
        route = .elsewhere(call)
        adapter.counters.add { $0.handovers += 1 }
        let id = id
        call.eventLoop.execute {
            call.value.open(id, stream)
            call.value.receive(request, on: id)
            call.value.pump()
        }
    }

    private func refuse(_ violation: WebexViolation, _ stream: GRPCServerStream) {
        route = .closed
        adapter.counters.add(violation)
        adapter.logger.info("RPC refused", metadata: ["reason": "\(violation.rawValue)"])
        stream.finish(violation.status ?? .ok)
    }
}
