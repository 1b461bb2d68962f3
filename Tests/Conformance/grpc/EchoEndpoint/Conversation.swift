// Sidetone
// SPDX-License-Identifier: Apache-2.0

import GRPCTransport

/// What came of one call of the client: its messages and its end, to wait for. Used on the
/// connection's event loop only.
final class Conversation: GRPCClientHandler {
    struct End {
        var status: GRPCStatus
        var trailers: GRPCMetadata
    }

    private var messages: [[UInt8]] = []
    private var ending: End?
    private var waiting: CheckedContinuation<Void, Never>?

    func received(_ message: Span<UInt8>, on stream: GRPCClientStream) {
        messages.append(message.indices.map { message[$0] })
        wake()
    }

    func ended(_ stream: GRPCClientStream, _ status: GRPCStatus, trailers: GRPCMetadata) {
        ending = End(status: status, trailers: trailers)
        wake()
    }

    private func wake() {
        waiting?.resume()
        waiting = nil
    }

    private func pause(_ isolation: isolated (any Actor)) async {
        await withCheckedContinuation(isolation: isolation) { waiting = $0 }
    }

    /// The next message, or nil when the call has ended.
    func next(_ isolation: isolated (any Actor)) async -> [UInt8]? {
        while messages.isEmpty {
            if ending != nil { return nil }
            await pause(isolation)
        }
        return messages.removeFirst()
    }

    /// The end; messages before it stay to be read.
    func end(_ isolation: isolated (any Actor)) async -> End {
        while true {
            if let ending { return ending }
            await pause(isolation)
        }
    }
}
