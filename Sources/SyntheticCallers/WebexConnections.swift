// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import GRPCTransport
internal import NIOCore

/// The connections of one event loop to Webex endpoints, each shared by many calls. Used on that
/// loop only.
final class WebexConnections {
    /// A call's place on a connection.
    final class Shared {
        fileprivate let endpoint: WebexEndpoint
        fileprivate(set) var calls = 0
        fileprivate(set) var client: GRPCClient?
        fileprivate var waiting: [(Result<GRPCClient, any Error>) -> Void] = []

        fileprivate init(_ endpoint: WebexEndpoint) {
            self.endpoint = endpoint
        }
    }

    private let loop: any EventLoop
    private var open: [Shared] = []

    init(loop: any EventLoop) {
        self.loop = loop
    }

    /// Takes a place, to be given back with ``release(_:)`` whatever the result.
    func acquire(
        _ endpoint: WebexEndpoint,
        _ completion: @escaping (Result<GRPCClient, any Error>) -> Void
    ) -> Shared {
        let room = open.first {
            $0.endpoint === endpoint && $0.calls < endpoint.callsPerConnection
        }
        let shared = room ?? Shared(endpoint)
        shared.calls += 1
        if let client = shared.client {
            completion(.success(client))
        } else {
            shared.waiting.append(completion)
        }
        if room == nil {
            open.append(shared)
            connect(shared)
        }
        return shared
    }

    private func connect(_ shared: Shared) {
        let url = shared.endpoint.url
        let target = GRPCClient.Target(host: url.host, port: url.port)
        do {
            let tls = url.isSecure ? try shared.endpoint.tls ?? GRPCClientTLS() : nil
            GRPCClient.connect(target, tls: tls, on: loop).assumeIsolated()
                .whenComplete { result in
                    guard case .success(let client) = result else {
                        return self.connected(shared, result)
                    }
                    // No call is to be placed on a connection that is gone.
                    client.closeFuture.hop(to: self.loop).assumeIsolated()
                        .whenComplete { _ in self.forget(shared) }
                    self.connected(shared, result)
                }
        } catch {
            connected(shared, .failure(error))
        }
    }

    private func connected(_ shared: Shared, _ result: Result<GRPCClient, any Error>) {
        if case .failure = result { forget(shared) }
        shared.client = try? result.get()
        let waiting = shared.waiting
        shared.waiting = []
        for completion in waiting { completion(result) }
        closeIfIdle(shared)
    }

    private func forget(_ shared: Shared) {
        open.removeAll { $0 === shared }
    }

    func release(_ shared: Shared) {
        shared.calls -= 1
        closeIfIdle(shared)
    }

    private func closeIfIdle(_ shared: Shared) {
        guard shared.calls == 0, let client = shared.client else { return }
        shared.client = nil
        forget(shared)
        client.close()
    }
}
