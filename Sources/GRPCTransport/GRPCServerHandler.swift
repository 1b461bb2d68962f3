// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// How a call ended for its handler.
public enum GRPCStreamEnd: Hashable, Sendable {
    /// Everything was sent, the status included.
    case finished
    /// The client gave up.
    case cancelled
    case deadlineExceeded
    case connectionLost
    /// The transport ended it: the client broke the framing or a limit.
    case failed(GRPCStatus)
}

/// One call's handler at the server. Confined to its connection's event loop.
public protocol GRPCServerHandler: AnyObject {
    /// Whether ``readCompleted(_:)`` is to be told; asked once, when the call is accepted.
    var wantsReadCompleted: Bool { get }

    /// The call begins: before everything else, once.
    func started(_ stream: GRPCServerStream)

    /// A whole message. The octets are borrowed for the call: copy what is kept.
    func received(_ message: Span<UInt8>, on stream: GRPCServerStream)

    /// The socket has nothing more to read for the moment, and messages of this call came.
    func readCompleted(_ stream: GRPCServerStream)

    /// The client sends no more.
    func halfClosed(_ stream: GRPCServerStream)

    /// Much of what waited has left, after `isWritable` was false.
    func writable(_ stream: GRPCServerStream)

    /// Last call. Nothing that is sent afterwards goes anywhere.
    func ended(_ stream: GRPCServerStream, _ end: GRPCStreamEnd)
}

extension GRPCServerHandler {
    public var wantsReadCompleted: Bool { false }
    public func started(_ stream: GRPCServerStream) {}
    public func readCompleted(_ stream: GRPCServerStream) {}
    public func halfClosed(_ stream: GRPCServerStream) {}
    public func writable(_ stream: GRPCServerStream) {}
}

/// What a service makes of a call.
public enum GRPCDecision: Sendable {
    /// The closure is called once, on the connection's event loop.
    case accept(@Sendable () -> any GRPCServerHandler)
    case refuse(GRPCStatus)
}

/// Decides about a call. Called on its connection's event loop, may answer from any; messages wait
/// until it has, within the stream's window.
public typealias GRPCAccept =
    @Sendable (GRPCCallHead, any EventLoop) -> EventLoopFuture<GRPCDecision>
