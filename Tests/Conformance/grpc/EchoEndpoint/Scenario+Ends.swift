// Sidetone
// SPDX-License-Identifier: Apache-2.0

import GRPCTransport
import NIOCore

// Calls that end otherwise than they might: statuses, deadlines, cancellation, lost connections.

extension Scenario {
    func status() async throws -> String {
        let client = try await connect()
        let text = "100 % schiefgelaufen: äöü €\t日"
        for code in GRPCStatusCode.allCases where code != .ok {
            let request = [UInt8(code.rawValue)] + Array(text.utf8)
            let (reply, end) = await unary(client, "Fail", request)
            try expect(reply, nil, "reply")
            try expect(end.status, GRPCStatus(code, text), "status")
            try expect(end.trailers.binary("x-reason-bin"), [0x00, 0xFF], "trailers")
        }
        return "16 codes"
    }

    func unimplemented() async throws -> String {
        let client = try await connect()
        let (reply, end) = await unary(client, "NoSuchMethod", [])
        try expect(reply, nil, "reply")
        try expect(end.status.code, .unimplemented, "status")
        return ""
    }

    func tooLargeRequest() async throws -> String {
        let client = try await connect()
        let request = [UInt8](repeating: 0, count: (4 << 20) + 1)
        let (_, end) = await unary(client, "Unary", request)
        try expect(end.status.code, .resourceExhausted, "status")
        return end.status.message
    }

    func tooLargeReply() async throws -> String {
        let client = try await connect()
        let (reply, end) = await unary(client, "Count", Array("1 5000000".utf8))
        try expect(reply, nil, "reply")
        try expect(end.status.code, .resourceExhausted, "status")
        let (next, _) = await unary(client, "Unary", [1])
        try expect(next, [1], "the next call")
        return end.status.message
    }

    func deadline() async throws -> String {
        let client = try await connect()
        let began = NIODeadline.now()
        let (_, end) = await unary(client, "Wait", [1], timeout: .milliseconds(300))
        let took = NIODeadline.now() - began
        try expect(end.status.code, .deadlineExceeded, "status")
        guard took > .milliseconds(250), took < .seconds(1) else {
            throw Surprise("after \(took.nanoseconds / 1_000_000) ms")
        }
        let (reply, _) = await unary(client, "Unary", [1])
        try expect(reply, [1], "the next call")
        return "after \(took.nanoseconds / 1_000_000) ms"
    }

    func cancel() async throws -> String {
        let client = try await connect()
        let calls = (0..<50).map { _ in open(client, "Converse", [[1]]) }
        for call in calls { try expect(await call.conversation.next(self), [1], "reply") }
        for call in calls { call.stream.cancel() }
        for call in calls {
            try expect(await call.conversation.end(self).status.code, .cancelled, "status")
        }
        announce("cancelled")
        let (reply, _) = await unary(client, "Unary", [1])
        try expect(reply, [1], "the next call")
        return "50 calls, all freed"
    }

    /// The server compresses although the client has not said that it reads that: the reply is
    /// understood, or the call fails for just that reason.
    func gzip() async throws -> String {
        let client = try await connect()
        let request = [UInt8](repeating: UInt8(ascii: "g"), count: 1000)
        for _ in 0..<2 {
            let (reply, end) = await unary(client, "Unary", request)
            guard end.status != .ok else {
                try expect(reply, request, "reply")
                continue
            }
            try expect(end.status.code, .internalError, "status")
            try expect(reply, nil, "reply")
        }
        return "understood, or refused with INTERNAL"
    }

    /// No connection comes about, or none that lives long enough for a call.
    func refused() async throws -> String {
        let began = NIODeadline.now()
        let reason: String
        do {
            let client = try await connect()
            let (_, end) = await unary(client, "Unary", [1])
            try expect(end.status.code, .unavailable, "status")
            reason = end.status.message
        } catch let surprise as Surprise {
            throw surprise
        } catch {
            reason = "\(error)"
        }
        guard NIODeadline.now() - began < .seconds(3) else { throw Surprise("too late") }
        return String(reason.prefix(80))
    }

    /// The server drains while a call is open.
    func drain() async throws -> String {
        let client = try await connect()
        let (stream, conversation) = open(client, "Converse", [[1]])
        try expect(await conversation.next(self), [1], "reply")
        announce("open")
        try await Task.sleep(for: .milliseconds(300))
        stream.send([2])
        try expect(await conversation.next(self), [2], "reply after GOAWAY")
        let (_, refused) = await unary(client, "Unary", [3])
        try expect(refused.status.code, .unavailable, "a new call")
        stream.halfClose()
        try expect(await conversation.end(self).status, .ok, "status")
        return "the open call went on"
    }

    /// The server vanishes while a call is open.
    func lost() async throws -> String {
        let client = try await connect()
        let (_, conversation) = open(client, "Converse", [[1]])
        try expect(await conversation.next(self), [1], "reply")
        announce("open")
        let end = await conversation.end(self)
        guard [.unavailable, .cancelled].contains(end.status.code) else {
            throw Surprise("\(end.status)")
        }
        return "\(end.status)"
    }
}
