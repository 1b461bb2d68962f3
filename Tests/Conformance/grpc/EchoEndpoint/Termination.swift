// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation

/// Waits for SIGTERM, which from now on no longer ends the process by itself.
struct Termination {
    private let source: any DispatchSourceSignal
    private let signals: AsyncStream<Void>

    init() {
        signal(SIGTERM, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
        signals = AsyncStream { continuation in
            source.setEventHandler { continuation.yield() }
        }
        source.resume()
        self.source = source
    }

    func wait() async {
        for await _ in signals { break }
    }
}
