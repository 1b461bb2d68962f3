// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// What writes when a ``WritePacer`` lets it.
protocol PacedWriter: AnyObject {
    /// Writes what waits.
    func flush()
}

/// Spaces out the writes with which one event loop's connections answer what they read.
///
/// A quiet loop's connection writes at once. On a busy loop connections wait until `interval` after
/// the last write and then leave one after the other: on 2000 streams of 20 ms frames most of the
/// processor time is system calls, and this makes them a fraction. It adds `interval` to a round
/// trip at most. Confined to its event loop.
final class WritePacer {
    /// Small against a frame of 20 ms, long enough for several messages of a busy connection.
    static let interval = TimeAmount.milliseconds(1)

    private let eventLoop: any EventLoop
    private var lastWrite: NIODeadline?
    private var waiting: [any PacedWriter] = []

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Asks to write for `connection`.
    /// - Returns: true when it may now; otherwise its `flush()` is called in a moment.
    func mayWrite(_ connection: any PacedWriter) -> Bool {
        if waiting.isEmpty {
            let now = eventLoop.now
            guard let next = lastWrite.map({ $0 + Self.interval }), now < next else {
                lastWrite = now
                return true
            }
            let bound = NIOLoopBound(self, eventLoop: eventLoop)
            eventLoop.scheduleTask(deadline: next) { bound.value.writeAll() }
        }
        waiting.append(connection)
        return false
    }

    private func writeAll() {
        lastWrite = eventLoop.now
        // Taken out for the moment, and its memory kept: writing may bring more.
        var connections: [any PacedWriter] = []
        swap(&connections, &waiting)
        for connection in connections { connection.flush() }
        connections.removeAll(keepingCapacity: true)
        if waiting.isEmpty { swap(&connections, &waiting) }
    }
}
