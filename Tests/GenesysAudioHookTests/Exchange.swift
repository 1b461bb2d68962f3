// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import JSON
import Testing

@testable import GenesysAudioHook

/// A client that keeps the protocol strictly, bound to a session on a virtual clock: it numbers
/// its messages, and checks the envelope of everything that comes back.
struct Exchange {
    static let identity = GenesysIdentity(
        sessionID: GenesysIdentifier(SignedRequest.session)!,
        organizationID: GenesysIdentifier(SignedRequest.organization)!)
    static let conversation = "d7934305-0972-4844-938e-9060eef73d06"
    static let participant = "d7934305-0972-4844-938e-9060eef73d07"
    static let external = #"{"type":"audio","format":"PCMU","channels":["external"],"rate":8000}"#
    static let `internal` = #"{"type":"audio","format":"PCMU","channels":["internal"],"rate":8000}"#
    static let both =
        #"{"type":"audio","format":"PCMU","channels":["external","internal"],"rate":8000}"#

    var session: GenesysSession
    var clock = VirtualClock()
    /// `seq` of the client's last message.
    var sequence: Int64 = 0
    /// `seq` of the server's last message.
    var seen: Int64 = 0
    /// The client's stream position in text.
    var position = "PT0S"

    init(_ mode: GenesysMode = .connector) {
        session = GenesysSession(identity: Self.identity, mode: mode, at: clock.now)
    }

    /// An exchange whose session was opened with the usual media of its mode.
    static func opened(
        _ mode: GenesysMode = .connector, accept: GenesysAcceptance = GenesysAcceptance()
    ) -> Exchange {
        var exchange = Exchange(mode)
        exchange.open(media: mode == .monitor ? both : external)
        exchange.take(exchange.session.accept(accept, at: exchange.clock.now))
        return exchange
    }

    static func openParameters(
        media: String, organization: String = SignedRequest.organization, more: String = ""
    ) -> String {
        #"{"organizationId":"\#(organization)","conversationId":"\#(conversation)","#
            + #""participant":{"id":"\#(participant)","ani":"+13175550100","aniName":"Ada","#
            + #""dnis":"+18005550199"},"media":[\#(media)]\#(more)}"#
    }

    @discardableResult
    mutating func open(media: String = external, more: String = "") -> [GenesysAction] {
        say("open", Self.openParameters(media: media, more: more))
    }

    /// Sends the next message of the client.
    @discardableResult
    mutating func say(_ type: String, _ parameters: String = "{}") -> [GenesysAction] {
        sequence += 1
        return raw(
            #"{"version":"2","id":"\#(SignedRequest.session)","type":"\#(type)","seq":\#(sequence),"#
                + #""serverseq":\#(seen),"position":"\#(position)","parameters":\#(parameters)}"#)
    }

    @discardableResult
    mutating func raw(_ text: String) -> [GenesysAction] {
        take(session.receive(text: text, at: clock.now))
    }

    mutating func audio(_ byteCount: Int) -> GenesysAudioVerdict {
        let verdict = session.receiveAudio(byteCount: byteCount, at: clock.now)
        if case .refused(let actions) = verdict { take(actions) }
        return verdict
    }

    @discardableResult
    mutating func wait(_ milliseconds: Int64) -> [GenesysAction] {
        clock.advance(by: .milliseconds(milliseconds))
        return take(session.advance(to: clock.now))
    }

    /// Checks the envelope of every text message in `actions`.
    @discardableResult
    mutating func take(_ actions: [GenesysAction]) -> [GenesysAction] {
        for case .send(let text) in actions {
            seen += 1
            guard let message = (try? JSONValue(parsing: text))?.object else {
                Issue.record("not an object: \(text)")
                continue
            }
            let names = message.members.map(\.name)
            #expect(names == ["version", "id", "type", "seq", "clientseq", "parameters"])
            #expect(message["version"] == "2")
            #expect(message["id"]?.string == SignedRequest.session)
            #expect(message["seq"]?.integer == seen)
            #expect(message["parameters"]?.object != nil)
            #expect(text.utf16.count <= 65_535)
        }
        return actions
    }
}

extension [GenesysAction] {
    /// Text messages as `type clientseq parameters`, everything else as it is.
    var transcript: [String] {
        map { action in
            guard case .send(let text) = action,
                let message = (try? JSONValue(parsing: text))?.object
            else { return String(describing: action) }
            return "\(message["type"]?.string ?? "?") \(message["clientseq"]?.integer ?? -1) "
                + (message["parameters"]?.text ?? "")
        }
    }

    /// Types of the text messages.
    var sent: [String] {
        compactMap { action in
            guard case .send(let text) = action else { return nil }
            return (try? JSONValue(parsing: text))?.object?["type"]?.string
        }
    }

    var violations: [GenesysViolation] {
        compactMap { action in
            guard case .violated(let violation) = action else { return nil }
            return violation
        }
    }
}
