// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOSSL

/// gRPC's server side of one connection: turns streams into calls of the router's methods.
///
/// Confined to the connection's event loop; the channel's pipeline keeps it alive.
final class GRPCServerConnection: HTTP2Endpoint {
    static let responseFields = [
        HTTP2Field(":status", "200"), HTTP2Field("content-type", "application/grpc"),
        HTTP2Field("grpc-accept-encoding", "identity,gzip"),
    ]

    let limits: GRPCLimits
    /// Octets of incomplete and waiting messages of all calls.
    var heldBytes = 0
    private let state: GRPCServerState
    private let channel: any Channel
    private let address: String
    private var touchedStreams: [GRPCServerStream] = []
    /// Holds this object as well: let go when the connection ends.
    private var connection: HTTP2Connection?
    private var peerCertificate: [UInt8]?
    private var hasEnded = false

    init(_ state: GRPCServerState, channel: any Channel) {
        self.state = state
        self.channel = channel
        limits = state.configuration.limits
        address = channel.remoteAddress.map { "\($0)" } ?? "unknown"
    }

    /// Puts the handlers of a new connection into its pipeline.
    static func install(_ state: GRPCServerState, in channel: any Channel) throws {
        let endpoint = GRPCServerConnection(state, channel: channel)
        let pipeline = channel.pipeline.syncOperations
        let tls = state.tls
        if let tls {
            try pipeline.addHandler(NIOSSLServerHandler(context: tls.context))
        }
        let connection = HTTP2Connection(
            state.configuration.limits.session(.server), times: endpoint.limits.times,
            usesTLS: tls != nil, endpoint: endpoint, eventLoop: channel.eventLoop,
            pacer: state.pacer(of: channel.eventLoop))
        endpoint.connection = connection
        try pipeline.addHandler(connection)
    }

    var session: HTTP2Session {
        guard let connection else { preconditionFailure("Calls end before their connection") }
        return connection.session
    }

    func count(_ change: (inout GRPCServer.Counters) -> Void) {
        state.count(change)
    }

    func countEnd(_ code: GRPCStatusCode) {
        state.count { $0.callsEnded[code, default: 0] += 1 }
    }

    func touched(_ stream: GRPCServerStream) {
        guard !stream.isTouched else { return }
        stream.isTouched = true
        touchedStreams.append(stream)
    }

    // MARK: Endpoint

    func established() {
        if state.tls != nil {
            let handler = try? channel.pipeline.syncOperations.handler(
                type: NIOSSLServerHandler.self)
            peerCertificate = try? handler?.peerCertificate?.toDERBytes()
        }
    }

    func opened(
        _ stream: HTTP2Stream, fields: [HTTP2Field], isOversize: Bool
    ) -> (any HTTP2StreamReceiver)? {
        connection?.noteActivity()
        if isOversize {
            refuse(
                stream,
                GRPCStatus(
                    .resourceExhausted,
                    "metadata is limited to \(limits.maximumHeaderListBytes) octets"))
            return nil
        }
        do throws(GRPCHeadRefusal) {
            let head = try GRPCCallHead(
                fields, peer: GRPCPeer(address: address, certificate: peerCertificate))
            return try begin(head, on: stream)
        } catch {
            switch error {
            case .http(let status):
                count { $0.notGRPC += 1 }
                session.respond(
                    to: stream, [HTTP2Field(":status", String(status))], endsStream: true)
            case .grpc(let status):
                refuse(stream, status)
            }
            return nil
        }
    }

    private func begin(
        _ head: GRPCCallHead, on stream: HTTP2Stream
    ) throws(GRPCHeadRefusal) -> GRPCServerStream {
        let accept: GRPCAccept
        do throws(GRPCStatus) {
            accept = try state.router.route(head)
        } catch {
            throw .grpc(error)
        }
        guard let connection else {
            throw .grpc(GRPCStatus(.unavailable, "the connection has ended"))
        }
        let eventLoop = connection.eventLoop
        let call = GRPCServerStream(stream, head: head, connection: self, transport: connection)
        accept(head, eventLoop).hop(to: eventLoop).assumeIsolated().whenComplete { result in
            // A stream that waits may outlive its connection.
            guard !self.hasEnded else { return }
            switch result {
            case .success(let decision):
                call.decided(decision)
            case .failure(let error):
                let status = error as? GRPCStatus
                call.decided(
                    .refuse(status ?? GRPCStatus(.internalError, "the call was not decided")))
            }
        }
        return call
    }

    private func refuse(_ stream: HTTP2Stream, _ status: GRPCStatus) {
        countEnd(status.code)
        session.respond(to: stream, Self.responseFields + status.fields, endsStream: true)
    }

    func readCompleted() {
        guard !touchedStreams.isEmpty else { return }
        // Taken out for the moment, and its memory kept: handlers may touch more.
        var streams: [GRPCServerStream] = []
        swap(&streams, &touchedStreams)
        for stream in streams { stream.readCompleted() }
        streams.removeAll(keepingCapacity: true)
        if touchedStreams.isEmpty { swap(&streams, &touchedStreams) }
    }

    func received(goAway code: HTTP2ErrorCode, lastStream: Int32) {}

    func ended(_ reason: HTTP2Connection.End) {
        hasEnded = true
        connection = nil
        touchedStreams = []
        state.count { $0.count(reason) }
    }
}
