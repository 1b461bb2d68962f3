// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@testable import WebexContactCenter

@Suite struct WebexForkedConversationsTests {
    private func opening(
        _ role: WebexForkRole = .caller, conversation: String = "c", organization: String = "o",
        _ format: WebexForkFormat = WebexForkFormat()
    ) -> WebexForkStream.Opening {
        WebexForkStream.Opening(
            key: WebexForkLegKey(conversation: conversation, role: role, roleID: "r"),
            organization: organization, format: format)
    }

    private func at(_ seconds: Double) -> MediaInstant {
        MediaInstant(nanoseconds: 0) + .seconds(seconds)
    }

    private let linear = WebexForkFormat(encoding: .linear16, rate: 16_000)

    @Test func aSecondRPCTakesTheLegOver() {
        var conversations = WebexForkedConversations(grace: .seconds(60))
        let caller = opening()
        #expect(conversations.attach(caller, stream: 1) == .started(.assumed))
        #expect(conversations.attach(caller, stream: 2) == .resumed(.assumed))
        // The first one has nothing to say any more.
        let detached = conversations.detach(caller.key, stream: 1, at: at(1))
        #expect(!detached)
        #expect(conversations.finish(caller.key, stream: 1) == false)
        #expect(conversations.advance(to: at(1_000)) == [])
        #expect(conversations.finish(caller.key, stream: 2) == true)
        #expect(conversations.count == 0)
    }

    @Test func aLostLegWaitsForItsGrace() {
        var conversations = WebexForkedConversations(grace: .seconds(60))
        let caller = opening()
        let agent = opening(.agent)
        _ = conversations.attach(caller, stream: 1)
        _ = conversations.attach(agent, stream: 1)
        let detached = conversations.detach(caller.key, stream: 1, at: at(10))
        #expect(detached)
        _ = conversations.detach(agent.key, stream: 1, at: at(10))
        #expect(conversations.advance(to: at(69.9)) == [])
        #expect(conversations.attach(agent, stream: 2) == .resumed(.assumed))
        #expect(conversations.advance(to: at(70)) == [caller.key])
        #expect(conversations.advance(to: at(9_999)) == [])
        #expect(conversations.count == 1)
        #expect(conversations.attach(caller, stream: 3) == .started(.assumed))
    }

    @Test func aConversationBelongsToItsOrganisation() {
        var conversations = WebexForkedConversations()
        _ = conversations.attach(opening(), stream: 1)
        for role in [WebexForkRole.caller, .agent] {
            #expect(
                conversations.attach(opening(role, organization: "p"), stream: 2)
                    == .refused(.wrongOrganization))
        }
        let ended = conversations.finish(opening().key, stream: 1)
        #expect(ended)
        #expect(
            conversations.attach(opening(organization: "p"), stream: 2) == .started(.assumed))
    }

    @Test func whatIsNotSaidIsTheConversations() {
        var conversations = WebexForkedConversations()
        #expect(conversations.attach(opening(.caller, linear), stream: 1) == .started(linear))
        #expect(conversations.attach(opening(.agent), stream: 2) == .started(linear))
        let half = WebexForkFormat(encoding: .linear16)
        #expect(conversations.attach(opening(.caller, half), stream: 3) == .resumed(linear))
        #expect(
            conversations.attach(opening(.caller, .assumed), stream: 4)
                == .refused(.formatChanged))
        // The RPC that was refused did not take the leg.
        let ended = conversations.finish(opening().key, stream: 3)
        #expect(ended)
    }

    @Test func aStoppedLegStaysStoppedWhileItIsCarried() {
        var conversations = WebexForkedConversations(grace: .seconds(60))
        let caller = opening()
        _ = conversations.attach(caller, stream: 1)
        conversations.stop(caller.key)
        #expect(conversations.attach(caller, stream: 2) == .stopped(.assumed))
        #expect(conversations.finish(caller.key, stream: 2) == false)
        #expect(conversations.count == 0)
        _ = conversations.attach(caller, stream: 3)
        conversations.stop(caller.key)
        _ = conversations.detach(caller.key, stream: 3, at: at(0))
        #expect(conversations.advance(to: at(60)) == [])
        #expect(conversations.count == 0)
    }

    @Test func conversationsAndLegsAreLimited() {
        var conversations = WebexForkedConversations(capacity: 2)
        for name in ["a", "b"] {
            #expect(
                conversations.attach(opening(conversation: name), stream: 1) == .started(.assumed))
        }
        #expect(
            conversations.attach(opening(conversation: "c"), stream: 1) == .refused(.noCapacity))
        #expect(
            conversations.attach(opening(.agent, conversation: "a"), stream: 1)
                == .started(.assumed))
        for index in 2..<9 {
            let key = WebexForkLegKey(conversation: "a", role: .caller, roleID: "\(index)")
            let attachment = conversations.attach(
                WebexForkStream.Opening(
                    key: key, organization: "o", format: WebexForkFormat()), stream: 1)
            #expect(attachment == (index < 8 ? .started(.assumed) : .refused(.tooManyLegs)))
        }
        conversations.abandon(opening(conversation: "b").key)
        #expect(conversations.count == 1)
    }
}
