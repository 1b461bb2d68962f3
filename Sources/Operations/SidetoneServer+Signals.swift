// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import UnixSignals

extension SidetoneServer {
    /// Serves until the process is told to stop (SIGTERM or SIGINT), then drains. A second such
    /// signal forces the stop: nobody is waited for. SIGHUP has the certificate read anew.
    public func runUntilSignal() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        await waitForStop(signals)
        // Ends with the stop, by cancellation.
        async let _: Void = hurry(on: signals)
        try await stop()
    }

    /// Returns at the first signal to stop.
    private func waitForStop(_ signals: UnixSignalsSequence) async {
        for await signal in signals {
            guard signal == .sighup else { return }
            reloadIdentity()
        }
    }

    private func hurry(on signals: UnixSignalsSequence) async {
        await waitForStop(signals)
        guard !Task.isCancelled else { return }
        logger.warning("told again to stop: nobody is waited for")
        hurry()
    }
}
