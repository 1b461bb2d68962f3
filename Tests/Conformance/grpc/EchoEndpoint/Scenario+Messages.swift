// Sidetone
// SPDX-License-Identifier: Apache-2.0

import GRPCTransport
import NIOCore

// Calls that go well, and what they carry.

private func numbered(_ number: Int, size: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
        + [UInt8](repeating: UInt8(ascii: "n"), count: size - 4)
}

extension Scenario {
    func unary() async throws -> String {
        let client = try await connect()
        for size in [0, 1, 100, 65_536] {
            let request = [UInt8](repeating: UInt8(ascii: "u"), count: size)
            let (reply, end) = await unary(client, "Unary", request)
            try expect(end.status, .ok, "status")
            try expect(reply, request, "reply")
        }
        return ""
    }

    func pingPong() async throws -> String {
        let client = try await connect()
        let (stream, conversation) = open(client, "Converse")
        let began = NIODeadline.now()
        for number in 0..<300 {
            stream.send(numbered(number, size: 190))
            try expect(await conversation.next(self), numbered(number, size: 190), "reply")
        }
        let took = NIODeadline.now() - began
        stream.halfClose()
        try expect(await conversation.end(self).status, .ok, "status")
        return "300 rounds, \(took.nanoseconds / 300_000) us each, grpcio included"
    }

    func streaming() async throws -> String {
        let client = try await connect()
        let (stream, conversation) = open(client, "Count", [Array("2000 1000".utf8)])
        stream.halfClose()
        for number in 0..<2000 {
            try expect(await conversation.next(self), numbered(number, size: 1000), "reply")
        }
        try expect(await conversation.end(self).status, .ok, "status")
        return ""
    }

    /// Requests faster than the server takes them, as long as the stream is writable.
    func slowReader() async throws -> String {
        let client = try await connect()
        let (stream, conversation) = open(client, "Converse")
        let message = [UInt8](repeating: 7, count: 100_000)
        var (sent, read, waits) = (0, 0, 0)
        while sent < 80 {
            if stream.isWritable {
                stream.send(message)
                sent += 1
            } else {
                waits += 1
                try expect(await conversation.next(self)?.count, message.count, "reply \(read)")
                read += 1
            }
        }
        stream.halfClose()
        while let reply = await conversation.next(self) {
            try expect(reply.count, message.count, "reply \(read)")
            read += 1
        }
        try expect(await conversation.end(self).status, .ok, "status")
        try expect(read, sent, "replies")
        guard waits > 0 else { throw Surprise("8 MB were writable at once") }
        return "waited \(waits) times"
    }

    func metadata() async throws -> String {
        let client = try await connect()
        var metadata = GRPCMetadata()
        metadata.add("x-echo-text", "plain text")
        metadata.add("x-echo-twice", "one")
        metadata.add("x-echo-twice", "two")
        metadata.add("x-echo-octets-bin", binary: Array(0...255))
        metadata.add("x-echo-long", String(repeating: "l", count: 2000))
        let (stream, conversation) = open(client, "Unary", [[1]], metadata: metadata)
        stream.halfClose()
        let end = await conversation.end(self)
        try expect(end.status, .ok, "status")
        for (place, found) in [
            ("trailers", end.trailers), ("initial", stream.initialMetadata ?? [:]),
        ] {
            try expect(found["x-echo-text"], "plain text", place)
            try expect(found.binary("x-echo-octets-bin"), Array(0...255), place)
            try expect(found["x-echo-long"]?.utf8.count, 2000, place)
            let twice = found.pairs.filter { $0.name == "x-echo-twice" }.map(\.value)
            try expect(twice, ["one", "two"], place)
        }
        return "in initial metadata and trailers"
    }

    func large() async throws -> String {
        let client = try await connect()
        let octets = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }
        let (reply, end) = await unary(client, "Unary", octets, timeout: .seconds(10))
        try expect(end.status, .ok, "status")
        guard reply == octets else { throw Surprise("the reply differs") }
        let (stream, conversation) = open(client, "Converse", [octets, [1, 2, 3], octets])
        stream.halfClose()
        for size in [octets.count, 3, octets.count] {
            try expect(await conversation.next(self)?.count, size, "reply")
        }
        try expect(await conversation.end(self).status, .ok, "status")
        return "\(octets.count) octets each way"
    }

    func concurrent() async throws -> String {
        let client = try await connect()
        let calls = (0..<200).map { _ in open(client, "Converse") }
        for turn in 0..<5 {
            for (number, call) in calls.enumerated() {
                call.stream.send(numbered(number * 5 + turn, size: 200))
            }
            for (number, call) in calls.enumerated() {
                let reply = await call.conversation.next(self)
                try expect(reply, numbered(number * 5 + turn, size: 200), "reply \(turn)")
            }
        }
        for call in calls { call.stream.halfClose() }
        for call in calls {
            try expect(await call.conversation.end(self).status, .ok, "status")
        }
        return "200 conversations at once on one connection"
    }
}
