// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

extension SidetoneServer {
    /// Serves until the process is told to stop (SIGTERM or SIGINT), then drains. SIGHUP has the
    /// certificate read anew.
    public func runUntilSignal() async throws {
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: Lifetime(server: self)),
                    .init(service: HangupListener(server: self)),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await services.run()
    }

    private struct Lifetime: Service {
        let server: SidetoneServer

        func run() async throws {
            try await gracefulShutdown()
            try await server.stop()
        }
    }

    private struct HangupListener: Service {
        let server: SidetoneServer

        func run() async throws {
            let hangups = await UnixSignalsSequence(trapping: .sighup)
            for await _ in hangups.cancelOnGracefulShutdown() {
                server.reloadIdentity()
            }
        }
    }
}
