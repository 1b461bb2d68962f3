// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import ServiceLifecycle

/// A started server as a service of the bridge's own `ServiceGroup`.
extension SidetoneServer: Service {
    /// Serves until the group shuts down gracefully, then drains as ``stop()`` does. Cancellation
    /// waits for nobody: live calls are ended politely, at once.
    ///
    /// Where a server is no service of a group, ``runUntilSignal()`` does the same by signals.
    public func run() async throws {
        do {
            try await gracefulShutdown()
        } catch {
            hurry()
        }
        // The end of calls must not be cut short by the cancellation that asked for it.
        let stopping = Task { try await stop() }
        try await withTaskCancellationHandler {
            try await stopping.value
        } onCancel: {
            hurry()
        }
    }
}
