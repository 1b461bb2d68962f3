// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import JSON
import NICECXone

/// A connection, and what must hold whatever it is told.
private struct Connection {
    var session: CXoneConnectionSession
    var clock = VirtualClock()
    var requests = 0
    var detachments = 0
    var closes = 0

    init(tokens: [CXoneToken]) {
        session = CXoneConnectionSession(
            tokens: CXoneTokenCheck(accepted: tokens), at: clock.now)
    }

    mutating func take(_ actions: [CXoneAction]) {
        for action in actions {
            switch action {
            case .openRequested: requests += 1
            case .detached: detachments += 1
            case .closeConnection: closes += 1
            case .send(let text):
                precondition(closes == 0, "sent after the connection was to be closed")
                guard let message = (try? JSONValue(parsing: text))?.object else {
                    preconditionFailure("not an object: \(text)")
                }
                precondition(message["messageType"] == "COMMAND", "not a command")
            case .violated: break
            }
        }
        precondition(requests <= 1 && closes <= 1, "more than once")
        precondition(detachments <= requests, "detached from nothing")
    }

    mutating func perform(_ step: FuzzSteps.Step) {
        let now = clock.now
        switch step.name {
        case "t": take(session.receive(text: step.argument, at: now))
        case "a":
            let count = Int(step.number(upTo: 1 << 20))
            switch session.receiveAudio(byteCount: count, at: now) {
            case .accepted(let samples): precondition(samples == count && closes == 0)
            case .refused(let actions): take(actions)
            case .ignored, .counted: break
            }
        case "w":
            clock.advance(by: .milliseconds(step.number(upTo: 1 << 32)))
            take(session.advance(to: clock.now))
        case "A": take(session.accept(at: now))
        case "R": take(session.refuse(step.argument, at: now))
        case "c": take(session.close(at: now))
        default: break
        }
    }
}

/// `T` first: the token `Basic abc` is wanted; anything else: none. Then steps.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ base: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = octets(base, count)
    var connection = Connection(
        tokens: input.first == UInt8(ascii: "T") ? [CXoneToken("Basic abc")] : [])
    for step in FuzzSteps(Array(input.dropFirst())) { connection.perform(step) }
    connection.take(connection.session.connectionClosed(at: connection.clock.now))
    connection.clock.advance(by: .seconds(3600))
    connection.take(connection.session.advance(to: connection.clock.now))
    return 0
}
