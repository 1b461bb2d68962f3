// Sidetone
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import GRPCTransport

/// Flow control driven by consumption, in both directions.
@Suite struct GRPCServerStreamTests {
    private static func smallWindows() -> GRPCLimits {
        var limits = GRPCLimits()
        limits.streamWindow = 65_535
        limits.connectionWindow = 128 * 1024
        return limits
    }

    /// A handler that reads nothing holds its own client back and nobody else on the connection.
    @Test func aSlowStreamStallsItselfOnly() async throws {
        let slow = Journal()
        let rig = try await Rig.start(limits: Self.smallWindows()) { router in
            router.handle("Slow") {
                TestHandler(slow, onStart: { $0.pauseReading() }, onMessage: { _, _ in })
            }
            router.handle("Echo") { TestHandler() }
        }
        let stalled = try await rig.open("Slow")
        // Ten times the stream's window, five times the connection's.
        for _ in 0..<10 { try await stalled.send(Array(repeating: 1, count: 65_535)) }
        for turn in 0..<20 {
            let call = try await rig.open("Echo")
            let message = [UInt8](repeating: UInt8(turn), count: 30_000)
            try await call.send(message, halfClose: true)
            #expect(await call.next() == .message(message))
            #expect(await call.status() == .ok)
        }
        let waiting = try await rig.client.eventLoop.submit {
            stalled.stream?.stream?.outbound.count ?? 0
        }.get()
        #expect(waiting >= 9 * 65_535)
        try await stalled.onLoop { $0.cancel() }
        #expect(await slow.end() == .cancelled)
        #expect(try await rig.finish())
    }

    /// What waited while the handler paused comes in order when it goes on, all of it.
    @Test func pausedMessagesComeLater() async throws {
        let journal = Journal()
        let streams = Journal.Box<GRPCServerStream>()
        let rig = try await Rig.start(limits: Self.smallWindows()) { router in
            router.handle("Pausing") {
                TestHandler(
                    journal, onStart: { streams.put($0) },
                    onMessage: { message, stream in
                        if message[0] == 3 { stream.pauseReading() }
                    })
            }
        }
        let call = try await rig.open("Pausing")
        for index in UInt8(1)...9 {
            try await call.send(Array(repeating: index, count: 40_000))
        }
        try await call.onLoop { $0.halfClose() }
        for index in UInt8(1)...3 {
            let entry = await journal.first { if case .message = $0 { true } else { false } }
            #expect(entry == .message(Array(repeating: index, count: 40_000)))
        }
        let stream = try #require(await streams.get())
        try await stream.eventLoop.submit { stream.resumeReading() }.get()
        for index in UInt8(4)...9 {
            let entry = await journal.first { if case .message = $0 { true } else { false } }
            #expect(entry == .message(Array(repeating: index, count: 40_000)))
        }
        #expect(await journal.first { $0 == .halfClosed } != nil)
        #expect(await call.status() == .ok)
        #expect(try await rig.finish())
    }

    @Test func aWriterIsToldWhenItMayGoOn() async throws {
        let journal = Journal()
        let rig = try await Rig.start { router in
            router.handle("Pour") {
                // Writes whenever it may, 3 MB in all.
                let left = Journal.Counter(3_000)
                let pour: (GRPCServerStream) -> Void = { stream in
                    while stream.isWritable, left.take() {
                        stream.send([UInt8](repeating: 7, count: 1_000))
                    }
                    if left.isEmpty { stream.finish() }
                }
                return TestHandler(journal, onStart: pour, onWritable: pour)
            }
        }
        let call = try await rig.open("Pour")
        var count = 0
        while case .message(let message) = await call.next() { count += message.count }
        #expect(count == 3_000_000)
        #expect(await journal.first { $0 == .writable } != nil)
        #expect(await journal.end() == .finished)
        #expect(try await rig.finish())
    }

    @Test func aClientThatDoesNotReadIsReset() async throws {
        var limits = GRPCLimits()
        limits.maximumBufferedBytes = 200_000
        let journal = Journal()
        var router = GRPCRouter()
        router.handle("Pour") {
            TestHandler(
                journal,
                onStart: { stream in
                    for _ in 0..<500 { stream.send([UInt8](repeating: 7, count: 1_000)) }
                })
        }
        var configuration = GRPCServer.Configuration()
        configuration.limits = limits
        let server = try await GRPCServer.start(configuration, router: router, group: testGroup)
        let client = try await Rig.connect(to: server)
        let call = try await TestCall.open(client, "Pour")
        #expect(await call.status()?.code == .cancelled)
        #expect(await journal.end() == .cancelled)
        #expect(server.counters.slowReaders == 1)
        try await client.eventLoop.submit { client.close() }.get()
        await server.shutdown(within: .seconds(5))
    }

    /// Incomplete messages of all calls of a connection together are bounded.
    @Test func unfinishedMessagesAreBounded() async throws {
        var limits = GRPCLimits()
        limits.maximumHeldBytes = 300_000
        limits.streamWindow = 65_535
        let rig = try await Rig.start(limits: limits) { router in
            router.handle("Paused") { TestHandler(onStart: { $0.pauseReading() }) }
        }
        var calls: [TestCall] = []
        for _ in 0..<8 {
            let call = try await rig.open("Paused")
            try await call.send([UInt8](repeating: 1, count: 60_000))
            calls.append(call)
        }
        // Those beyond the bound are told, the others wait.
        let last = try #require(calls.last)
        #expect(await last.status()?.code == .resourceExhausted)
        #expect(try await rig.finish())
    }

    @Test func readCompletedFollowsABurst() async throws {
        let journal = Journal()
        let rig = try await Rig.start { $0.handle("Echo") { TestHandler(journal) } }
        let call = try await rig.open("Echo")
        try await call.send([1], [2], [3])
        #expect(await call.next() == .message([1]))
        #expect(await call.next() == .message([2]))
        #expect(await call.next() == .message([3]))
        try await call.onLoop { $0.halfClose() }
        #expect(await call.status() == .ok)
        var seen: [Journal.Entry] = []
        for await entry in journal.entries {
            seen.append(entry)
            if case .ended = entry { break }
        }
        let first = try #require(seen.firstIndex(of: .readCompleted))
        #expect(first > (try #require(seen.firstIndex(of: .message([1])))))
        #expect(seen.last == .ended(.finished))
        #expect(try await rig.finish())
    }
}

extension Journal {
    /// Hands one value from a server's loop to a test.
    final class Box<Value: Sendable>: Sendable {
        private let values: AsyncStream<Value>
        private let sink: AsyncStream<Value>.Continuation

        init() {
            (values, sink) = AsyncStream.makeStream(of: Value.self)
        }

        func put(_ value: Value) { sink.yield(value) }

        func get() async -> Value? {
            for await value in values { return value }
            return nil
        }
    }

    /// Counts down; used on one loop.
    final class Counter {
        private var left: Int

        init(_ count: Int) { left = count }

        var isEmpty: Bool { left == 0 }

        func take() -> Bool {
            guard left > 0 else { return false }
            left -= 1
            return true
        }
    }
}
