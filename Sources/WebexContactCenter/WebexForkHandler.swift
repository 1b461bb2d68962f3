// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import GRPCTransport
internal import WebexMessages

/// One `StreamConversationAudio` over gRPC.
final class WebexForkHandler: GRPCServerHandler {
    private let calls: WebexForkCalls
    private var session: WebexForkSession?

    init(_ calls: WebexForkCalls) {
        self.calls = calls
    }

    func started(_ stream: GRPCServerStream) {
        session = WebexForkSession(calls, eventLoop: stream.eventLoop)
    }

    func received(_ message: Span<UInt8>, on stream: GRPCServerStream) {
        guard let refusal = session?.receive(message) else { return }
        if refusal.isAboutFormat {
            var response = WebexConversationAudioForkingResponse()
            response.statusMessage = refusal.message
            response.errorCode = .errorInvalidAudioFormat
            stream.send(response)
        }
        stream.finish(refusal.grpcStatus)
    }

    var wantsReadCompleted: Bool { true }

    func readCompleted(_ stream: GRPCServerStream) {
        session?.readCompleted()
    }

    func halfClosed(_ stream: GRPCServerStream) {
        session?.halfClosed()
        var response = WebexConversationAudioForkingResponse()
        response.statusMessage = "SUCCESS"
        stream.send(response)
        stream.finish()
    }

    func ended(_ stream: GRPCServerStream, _ end: GRPCStreamEnd) {
        session?.lost()
        session = nil
    }
}

extension WebexForkRefusal {
    /// The status that ends the RPC.
    var grpcStatus: GRPCStatus {
        let code: GRPCStatusCode =
            switch status {
            case .invalidArgument: .invalidArgument
            case .notFound: .notFound
            case .permissionDenied: .permissionDenied
            case .resourceExhausted: .resourceExhausted
            case .unavailable: .unavailable
            }
        return GRPCStatus(code, message)
    }
}
