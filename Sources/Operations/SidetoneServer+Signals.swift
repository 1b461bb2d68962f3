// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import UnixSignals

extension SidetoneServer {
    /// Serves until the process is told to stop (SIGTERM or SIGINT), then drains. A second such
    /// signal forces the stop: nobody is waited for. SIGHUP has the certificate read anew.
    public func runUntilSignal() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        let (stops, told) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await self.listen(to: signals, telling: told) }
            for await _ in stops { break }
            try await self.stop()
            tasks.cancelAll()
        }
    }

    /// One reader of the signals for the whole time: there can be no second one.
    private func listen(
        to signals: UnixSignalsSequence, telling stop: AsyncStream<Void>.Continuation
    ) async {
        var isStopping = false
        for await signal in signals {
            if signal == .sighup {
                reloadIdentity()
            } else if isStopping {
                logger.warning("told again to stop: nobody is waited for")
                hurry()
            } else {
                isStopping = true
                stop.yield()
            }
        }
    }
}
