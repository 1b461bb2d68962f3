// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

extension WebSocketConnection {
    /// Pings at the interval of the limits, if there is one. Any byte counts as a sign of life: a
    /// peer that talks all the time need not answer.
    func startKeepAlive() {
        guard isOpen, let interval = limits.pingInterval else { return }
        hasHeard = true
        keepAlive = eventLoop.assumeIsolated().scheduleTask(in: interval) { self.checkPeer() }
    }

    func stopKeepAlive() {
        keepAlive?.cancel()
        keepAlive = nil
    }

    private func checkPeer() {
        guard isOpen, let interval = limits.pingInterval else { return }
        guard hasHeard else {
            return cut(
                WebSocketClose(
                    code: .abnormal, wasClean: false, initiator: .local,
                    failure: .unresponsivePeer))
        }
        hasHeard = false
        ping()
        keepAlive = eventLoop.assumeIsolated().scheduleTask(in: interval) { self.checkPeer() }
    }
}
