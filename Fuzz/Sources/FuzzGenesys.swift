// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import GenesysAudioHook
import JSON

private let fuzzedSession = "e160e428-53e2-487c-977d-96989bf5c99d"
private let organization = "d7934305-0972-4844-938e-9060eef73d05"

/// A session, and what must hold whatever it is told.
private struct Conversation {
    var session: GenesysSession
    var clock = VirtualClock()
    /// `seq` of the client's and of the server's last message.
    var sequence: Int64 = 0
    var seen: Int64 = 0
    var disconnects = 0
    var requests = 0
    var ends = 0
    var closes = 0

    init(_ mode: GenesysMode) {
        let identity = GenesysIdentity(
            sessionID: GenesysIdentifier(fuzzedSession)!,
            organizationID: GenesysIdentifier(organization)!)
        session = GenesysSession(identity: identity, mode: mode, at: clock.now)
    }

    mutating func take(_ actions: [GenesysAction]) {
        for action in actions {
            switch action {
            case .openRequested: requests += 1
            case .ended: ends += 1
            case .closeConnection: closes += 1
            case .send(let text): check(text)
            default: break
            }
        }
        precondition(requests <= 1 && closes <= 1 && disconnects <= 1, "more than once")
        precondition(ends <= requests, "a call ended that was not requested")
    }

    private mutating func check(_ text: String) {
        precondition(closes == 0, "sent after the connection was to be closed")
        precondition(text.utf16.count <= 65_535, "a message too long")
        guard let message = (try? JSONValue(parsing: text))?.object else {
            preconditionFailure("not an object: \(text)")
        }
        seen += 1
        precondition(message["seq"]?.integer == seen, "a gap in seq")
        precondition(message["parameters"]?.object != nil, "no parameters")
        if message["type"] == "disconnect" { disconnects += 1 }
    }

    mutating func perform(_ step: FuzzSteps.Step) {
        let now = clock.now
        switch step.name {
        case "m":
            // `m TYPE PARAMETERS`, in the envelope that would be right.
            let parts = step.argument.split(separator: " ", maxSplits: 1)
            sequence += 1
            let text =
                #"{"version":"2","id":"\#(fuzzedSession)","type":"\#(parts.first ?? "")","#
                + #""seq":\#(sequence),"serverseq":\#(seen),"position":"PT0S","#
                + #""parameters":\#(parts.count > 1 ? String(parts[1]) : "{}")}"#
            take(session.receive(text: text, at: now))
        case "r": take(session.receive(text: step.argument, at: now))
        case "a":
            let count = Int(step.number(upTo: 1 << 20))
            if case .refused(let actions) = session.receiveAudio(byteCount: count, at: now) {
                take(actions)
            }
        case "w":
            clock.advance(by: .milliseconds(step.number(upTo: 1 << 32)))
            take(session.advance(to: clock.now))
        case "A": take(session.accept(GenesysAcceptance(), at: now))
        case "P": take(session.accept(GenesysAcceptance(startPaused: true), at: now))
        case "R": take(session.refuse(.failed(info: step.argument), at: now))
        case "p": take(session.pause(at: now))
        case "u": take(session.resume(at: now))
        case "b": take(session.bargeIn(at: now))
        case "e":
            if let event = try? GenesysEvent.botTurn(.match, text: step.argument) {
                take(session.send(event, at: now))
            }
        case "n": take(session.reconnect(info: step.argument, at: now))
        case "f": take(session.finish(at: now))
        case "d": take(session.disconnect(.completed, info: step.argument, at: now))
        default: break
        }
    }
}

/// `C` or anything else first: a bot's call or a monitored one. Then steps.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ base: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = octets(base, count)
    var conversation = Conversation(input.first == UInt8(ascii: "C") ? .connector : .monitor)
    for step in FuzzSteps(Array(input.dropFirst())) { conversation.perform(step) }
    conversation.take(conversation.session.connectionClosed(at: conversation.clock.now))
    conversation.clock.advance(by: .seconds(3600))
    conversation.take(conversation.session.advance(to: conversation.clock.now))
    precondition(conversation.ends == conversation.requests, "a call that never ended")
    return 0
}
