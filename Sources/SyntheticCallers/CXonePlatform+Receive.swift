// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore
package import NIOCore

/// A message of the server (`CXoneWebSocketMessage`).
struct CXoneReply: Hashable {
    enum Command: Int {
        case connect = 0
        case connected = 1
        case message = 2
        case error = 3

        /// Names and numbers are both in use.
        init?(_ value: JSONValue?) {
            let names = ["CONNECT", "CONNECTED", "MESSAGE", "ERROR"]
            guard let number = value?.integer ?? value?.text.flatMap(names.firstIndex(of:))
            else { return nil }
            self.init(rawValue: number)
        }
    }

    let command: Command
    let messageType: String
    let message: String

    /// Nil with the reason in `fault` when it is not well-formed.
    static func parse(_ bytes: [UInt8]) -> Result<CXoneReply, CXoneReplyFault> {
        let document: JSONValue
        do {
            document = try JSONValue.parse(bytes)
        } catch {
            return .failure(CXoneReplyFault(detail: "not JSON: \(error)"))
        }
        guard document.members != nil else {
            return .failure(CXoneReplyFault(detail: "\(document.kind), not an object"))
        }
        guard let command = Command(document["command"]) else {
            let seen = document["command"]?.serialized ?? "missing"
            return .failure(CXoneReplyFault(detail: "command is \(seen)"))
        }
        guard let type = document["messageType"]?.text, let message = document["message"]?.text
        else { return .failure(CXoneReplyFault(detail: "messageType and message are strings")) }
        if let parameters = document["parameters"], parameters.members == nil {
            return .failure(CXoneReplyFault(detail: "parameters is \(parameters.kind)"))
        }
        return .success(CXoneReply(command: command, messageType: type, message: message))
    }
}

struct CXoneReplyFault: Error, Hashable {
    let detail: String
}

extension CXonePlatform {
    package mutating func received(
        binary: ByteBuffer, on connection: Int, at now: MediaInstant
    ) {
        log.counts.binaryReceived += 1
        log.counts.bytesReceived += binary.readableBytes
        log.violation(
            .unexpectedBinary, "\(binary.readableBytes) bytes; audio goes one way only", at: now)
    }

    package mutating func received(
        text: ByteBuffer, on connection: Int, at now: MediaInstant
    ) {
        advance(to: now)
        isStale = true
        log.counts.textReceived += 1
        guard let index = index(of: connection) else { return }
        let reply = CXoneReply.parse(Array(text.readableBytesView))
        guard streams[index].phase == .greeting else {
            // Only a MESSAGE has a place after the handshake.
            if case .success(let reply) = reply, reply.command == .message {
                log.note(.server, "message", reply.message, at: now)
            } else {
                log.violation(.unexpectedMessage, "A text after the handshake", at: now)
            }
            return
        }
        switch reply {
        case .failure(let fault): refuse(index, violation: fault.detail, at: now)
        case .success(let reply): answered(index, reply, at: now)
        }
    }

    private mutating func answered(_ index: Int, _ reply: CXoneReply, at now: MediaInstant) {
        let name = streams[index].perspective.name
        switch reply.command {
        case .connected:
            guard reply.messageType == "COMMAND", reply.message == "BEGIN AUDIO STREAM" else {
                return refuse(
                    index, violation: "\(reply.messageType) \"\(reply.message)\"", at: now)
            }
            if let greetedAt = streams[index].greetedAt,
                now - greetedAt > options.limits.replyDue
            {
                log.violation(
                    .replyLate, "\((now - greetedAt).milliseconds) ms on \(name)", at: now)
            }
            log.note(.server, "accepts", name, at: now)
            streams[index].phase = .streaming
            streams[index].timeoutAt = nil
            beginMedia(at: now)
        case .error:
            log.note(.server, "refuses", "\(name): \(reply.message)", at: now)
            log.end(.refused, reply.message)
            streams[index].phase = .refused
            streams[index].timeoutAt = now + options.limits.closeTimeout
            closeAll(at: now)
        case .connect, .message:
            refuse(index, violation: "\(reply.command) is no answer to the handshake", at: now)
        }
    }

    private mutating func refuse(_ index: Int, violation: String, at now: MediaInstant) {
        log.violation(.reply, violation, at: now)
        log.end(.failed, "No valid reply")
        closeAll(at: now)
    }

    private mutating func beginMedia(at now: MediaInstant) {
        guard timeline == nil else { return }
        let origin = log.mediaOrigin(now)
        timeline = PlaybackBuffer(origin: origin, keepsAudio: false)
        let phase = Int(truncatingIfNeeded: options.seed & 0xFFFF)
        contact = CallParty(.caller, script: script, origin: origin, phase: phase)
        agent = CallParty(.agent, script: agentScript, origin: origin, phase: phase + 9973)
    }
}
