// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import GRPCTransport
internal import NIOCore
internal import NIOPosix

/// The RPCs of one Webex call, on a connection that it shares. Used on its loop only.
final class WebexLink: CallLink {
    typealias Platform = WebexPlatform
    static let service = "com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent"

    private let endpoint: WebexEndpoint
    private let connections: WebexConnections
    private let metadata: GRPCMetadata
    private var place: WebexConnections.Shared?
    private var client: GRPCClient?
    private var isReading = true
    private var streams: [(number: Int, stream: GRPCClientStream)] = []

    init(to endpoint: WebexEndpoint, over connections: WebexConnections, options: WebexCallOptions)
    {
        self.endpoint = endpoint
        self.connections = connections
        var metadata = GRPCMetadata()
        if let token = options.token { metadata.add("authorization", token) }
        metadata.add("trackingid", "sidetone_\(options.conversation)")
        self.metadata = metadata
    }

    func carryOut(_ outputs: WebexOutputs, for driver: CallDriver<WebexLink>) {
        let octets = outputs.octets.readableBytesUInt8Span
        for output in outputs.items {
            switch output {
            case .connect: connect(driver)
            case .open(let number): open(number, driver)
            case .send(let range, let number):
                stream(number)?.send(octets.extracting(range))
            case .halfClose(let number): stream(number)?.halfClose()
            case .cancel(let number): stream(number)?.cancel()
            case .finished: driver.finish()
            }
        }
    }

    /// Messages leave by themselves at the end of the event loop's turn.
    func flush() {}

    func setReading(_ isReading: Bool) {
        for (_, stream) in streams { stream.setReading(isReading) }
        self.isReading = isReading
    }

    func abandon() {
        let left = streams
        streams = []
        for (_, stream) in left { stream.cancel() }
        if let place { connections.release(place) }
        place = nil
        client = nil
    }

    private func stream(_ number: Int) -> GRPCClientStream? {
        for entry in streams where entry.number == number { return entry.stream }
        return nil
    }

    private func connect(_ driver: CallDriver<WebexLink>) {
        place = connections.acquire(endpoint) { result in
            guard !driver.isOver else { return }
            switch result {
            case .success(let client):
                self.client = client
                driver.tell { $0.connected(at: $1) }
            case .failure(let error):
                let cause = (error as? NIOConnectionError)?.connectionErrors.first?.error ?? error
                driver.tell { $0.failed(reason: "unreachable: \(cause)", at: $1) }
            }
        }
    }

    private func open(_ number: Int, _ driver: CallDriver<WebexLink>) {
        guard let client else { return }
        let stream = client.open(
            service: Self.service, method: "ProcessCallerInput", metadata: metadata,
            handler: WebexRPCHandler(self, driver, number: number))
        if !isReading { stream.setReading(false) }
        streams.append((number, stream))
    }

    fileprivate func ended(
        _ number: Int, _ status: GRPCStatus, _ driver: CallDriver<WebexLink>
    ) {
        streams.removeAll { $0.number == number }
        let text = status.code == .ok ? nil : status.description
        driver.tell {
            $0.ended(
                number, status: text, isRefusal: status.code.isRefusal,
                isLost: status.code == .unavailable, at: $1)
        }
    }
}

/// One RPC of a call.
private final class WebexRPCHandler: GRPCClientHandler {
    private let link: WebexLink
    private let driver: CallDriver<WebexLink>
    private let number: Int

    init(_ link: WebexLink, _ driver: CallDriver<WebexLink>, number: Int) {
        self.link = link
        self.driver = driver
        self.number = number
    }

    func received(_ message: Span<UInt8>, on stream: GRPCClientStream) {
        var buffer = ByteBuffer()
        buffer.append(message)
        let copy = Array(buffer.readableBytesView)
        driver.tell { $0.received(copy, on: number, at: $1) }
    }

    func ended(_ stream: GRPCClientStream, _ status: GRPCStatus, trailers: GRPCMetadata) {
        link.ended(number, status, driver)
    }
}

extension GRPCStatusCode {
    /// With these a server turns a call away; others are its failures.
    fileprivate var isRefusal: Bool {
        switch self {
        case .invalidArgument, .notFound, .permissionDenied, .resourceExhausted, .unauthenticated,
            .unavailable:
            true
        default: false
        }
    }
}
