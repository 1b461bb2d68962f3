// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// One call's handler at the client. Confined to its connection's event loop.
public protocol GRPCClientHandler: AnyObject {
    /// A whole message. The octets are borrowed for the call: copy what is kept.
    func received(_ message: Span<UInt8>, on stream: GRPCClientStream)

    /// Much of what waited has left, after `isWritable` was false.
    func writable(_ stream: GRPCClientStream)

    /// Last call: the server's status, or what became of the call without one. A lost connection
    /// is `unavailable`.
    func ended(_ stream: GRPCClientStream, _ status: GRPCStatus, trailers: GRPCMetadata)
}

extension GRPCClientHandler {
    public func writable(_ stream: GRPCClientStream) {}
}
