// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import AudioCore
public import NIOCore
internal import NIOHTTP1

/// An issuer's answer to the request for its keys.
public struct WebexIssuerKeyResponse: Hashable, Sendable {
    /// HTTP status.
    public var status: Int
    public var cacheControl: String?
    public var retryAfter: String?
    public var body: [UInt8]

    public init(
        status: Int, cacheControl: String? = nil, retryAfter: String? = nil, body: [UInt8] = []
    ) {
        self.status = status
        self.cacheControl = cacheControl
        self.retryAfter = retryAfter
        self.body = body
    }
}

/// Fetches an issuer's keys over the network.
public protocol WebexIssuerKeyFetching: Sendable {
    /// One `GET`, bounded in time and size, without following redirects: the address is the one
    /// that was allowed. Throws when there is no answer.
    func fetch(_ url: String) async throws -> WebexIssuerKeyResponse
}

/// Fetches keys over HTTP. Needs ``shutdown()`` at the end.
public final class WebexIssuerKeyFetcher: WebexIssuerKeyFetching {
    private struct TimedOut: Error {}

    private let client: HTTPClient
    private let timeout: TimeAmount

    /// - Parameter group: its loops carry the requests.
    public convenience init(group: any EventLoopGroup) {
        self.init(group: group, timeout: WebexTokenPolicy.fetchTimeout)
    }

    init(group: any EventLoopGroup, timeout: MediaDuration) {
        self.timeout = .nanoseconds(timeout.nanoseconds)
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = self.timeout
        configuration.timeout.read = self.timeout
        configuration.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
    }

    public func fetch(_ url: String) async throws -> WebexIssuerKeyResponse {
        // The client's own deadline ends with the head: a body that drips would hold it for ever.
        try await withThrowingTaskGroup(of: WebexIssuerKeyResponse.self) { group in
            group.addTask { try await self.answer(from: url) }
            group.addTask {
                try await Task.sleep(nanoseconds: UInt64(self.timeout.nanoseconds))
                throw TimedOut()
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw TimedOut() }
            return first
        }
    }

    private func answer(from url: String) async throws -> WebexIssuerKeyResponse {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "Accept", value: "application/json")
        let response = try await client.execute(request, deadline: .now() + self.timeout)
        let body = try await response.body.collect(upTo: WebexTokenPolicy.maximumKeyBytes)
        return WebexIssuerKeyResponse(
            status: Int(response.status.code),
            cacheControl: response.headers.first(name: "Cache-Control"),
            retryAfter: response.headers.first(name: "Retry-After"),
            body: Array(body.readableBytesView))
    }

    public func shutdown() async throws {
        try await client.shutdown()
    }
}
