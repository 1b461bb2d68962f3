// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import GRPCTransport
public import Logging
public import MediaServer
public import NIOCore
internal import Synchronization

/// Takes Webex's copies of conversations (`ConversationAudio.StreamConversationAudio`) into the
/// media server.
///
/// Every leg, caller or agent, is a call of the server, heard and never spoken to; its
/// `CallInfo.participant` says whose it is. Usable from any thread; needs ``stop()`` at the end.
public final class WebexForkingAdapter: Sendable {
    public struct Configuration: Sendable {
        /// Checks each RPC. Give it the schema of media forking.
        public var authenticator: WebexAuthenticator
        /// How long a leg whose connection was lost is kept.
        public var grace: MediaDuration

        public init(
            authenticator: WebexAuthenticator, grace: MediaDuration = WebexForkPolicy.grace
        ) {
            self.authenticator = authenticator
            self.grace = grace
        }
    }

    /// The service's full name.
    public static let service = "com.cisco.wcc.ccai.media.v1.ConversationAudio"
    /// Its one method.
    public static let method = "StreamConversationAudio"

    private let authenticator: WebexAuthenticator
    private let calls: WebexForkCalls
    private let sweep = Mutex<RepeatedTask?>(nil)

    /// - Parameter eventLoop: ends legs that nobody came back for, once a second; any loop will do.
    public init(
        server: MediaServer, configuration: Configuration, eventLoop: any EventLoop,
        logger: Logger
    ) {
        authenticator = configuration.authenticator
        let calls = WebexForkCalls(server: server, grace: configuration.grace, logger: logger)
        self.calls = calls
        let second = TimeAmount.seconds(1)
        let task = eventLoop.scheduleRepeatedTask(initialDelay: second, delay: second) { _ in
            calls.sweep()
        }
        sweep.withLock { $0 = task }
    }

    /// What has been seen so far.
    public var counts: WebexForkCounts { calls.counts }

    /// Adds the service to a gRPC server on the media server's event loops.
    public func register(in router: inout GRPCRouter) {
        let (authenticator, calls) = (authenticator, calls)
        router.add(service: Self.service, method: Self.method) { head, eventLoop in
            authenticator.authenticate(head, on: eventLoop).map { status in
                if let status { return .refuse(status) }
                return .accept { WebexForkHandler(calls) }
            }
        }
    }

    /// Ends no call; legs without a connection are no longer ended by their grace either.
    public func stop() {
        sweep.withLock { task in
            task?.cancel()
            task = nil
        }
    }
}
