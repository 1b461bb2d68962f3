// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import Testing
import WebexMessages

@testable import WebexContactCenter

/// The rows of the fact sheet's section 8 that a conversation decides.
@Suite struct WebexConversationRejectTests {
    private func live() -> WebexScene {
        var scene = WebexScene()
        scene.send(.sessionStart, on: 1)
        scene.listen()
        _ = scene.take()
        return scene
    }

    private func answer(to request: WebexVoiceVARequest, _ scene: WebexScene = WebexScene())
        -> [String]
    {
        var scene = scene
        scene.send(request, on: 9)
        return scene.take()
    }

    @Test func emptyConversation() {
        var request = WebexScene.request(conversation: "")
        request.eventInput.eventType = .sessionStart
        #expect(answer(to: request) == ["9 invalidArgument: missingConversation"])
    }

    @Test func emptyOrganization() {
        var request = WebexScene.request(organization: "")
        request.eventInput.eventType = .sessionStart
        #expect(answer(to: request) == ["9 invalidArgument: missingOrganization"])
    }

    @Test func noInputIsRefusedFirstAndIgnoredLater() {
        #expect(answer(to: WebexScene.request()) == ["9 invalidArgument: missingInput"])
        var scene = live()
        scene.openAudio(2)
        _ = scene.take()
        scene.send(WebexScene.request(), on: 2, opens: false)
        #expect(scene.take() == ["noted emptyMessage"])
    }

    @Test func unknownVirtualAgent() {
        let request = WebexScene.request(.sessionStart, agent: "bot-x")
        #expect(answer(to: request) == ["9 notFound: unknownVirtualAgent"])
    }

    @Test func emptyVirtualAgentWithoutADefault() {
        let scene = WebexScene(agents: [WebexVirtualAgent(id: "bot-b", name: "B")])
        #expect(
            answer(to: WebexScene.request(.sessionStart), scene)
                == ["9 invalidArgument: missingVirtualAgent"])
    }

    @Test func anotherVirtualAgentInTheSameConversation() {
        #expect(
            answer(to: WebexScene.request(.noInput, agent: "bot-b"), live())
                == ["9 invalidArgument: virtualAgentChanged"])
        #expect(answer(to: WebexScene.request(.noInput, agent: "bot-a"), live()) == ["no input"])
    }

    @Test func theConversationChangesInsideAnRPC() {
        var scene = live()
        scene.openAudio(2)
        var request = WebexScene.request(conversation: "c-78")
        request.audioInput.encoding = .mulawFormat
        _ = scene.take()
        scene.send(request, on: 2, opens: false)
        #expect(scene.take() == ["2 invalidArgument: conversationChanged"])
    }

    @Test func anotherOrganization() {
        var request = WebexScene.request(organization: "o-2")
        request.eventInput.eventType = .noInput
        #expect(answer(to: request, live()) == ["9 permissionDenied: foreignOrganization"])
    }

    @Test func encodingAndRateFallBack() {
        var scene = live()
        scene.send(WebexScene.audioRequest(encoding: .unspecifiedFormat, rate: 0), on: 2)
        #expect(scene.audio(2) == .accepted(.pcmu8000))
        let linear = AudioFormat(.linear16LittleEndian, rate: .hz16000)
        #expect(scene.audio(2, encoding: 1, rate: 16_000) == .accepted(linear))
        #expect(scene.audio(2) == .accepted(linear))
        #expect(scene.audio(2, encoding: 99) == .accepted(linear))
        scene.openAudio(3)
        #expect(scene.audio(3) == .accepted(linear))
        #expect(
            scene.audio(3, encoding: 3, rate: 8000) == .accepted(AudioFormat(.pcma, rate: .hz8000)))
        #expect(scene.conversation.openRPCCount == 2)
    }

    @Test func anUnsupportedRate() {
        #expect(
            answer(to: WebexScene.audioRequest(rate: 11_025))
                == ["9 invalidArgument: unsupportedRate"])
        var scene = live()
        scene.openAudio(2)
        _ = scene.take()
        #expect(scene.audio(2, rate: 44_100) == .ignored)
        #expect(scene.take() == ["2 invalidArgument: unsupportedRate"])
    }

    @Test func unknownEventsAreIgnored() {
        var scene = live()
        scene.send(.UNRECOGNIZED(77), on: 2, halfCloses: false)
        #expect(scene.take() == ["noted unknownEvent"])
        scene.halfClose(2)
        #expect(scene.take() == ["2 FINAL VOICE_DTMF:1/3000/0", "2 OK"])
    }

    @Test func anRPCWithoutARequest() {
        var scene = live()
        scene.bot { $0.open(WebexScene.id(2), at: $1) }
        scene.halfClose(2)
        #expect(scene.take() == ["2 invalidArgument: missingRequest"])
    }

    @Test func aRequestThatCannotBeDecoded() {
        var scene = live()
        scene.openAudio(2)
        _ = scene.take()
        scene.bot { $0.receiveMalformed(on: WebexScene.id(2), at: $1) }
        #expect(scene.take() == ["2 invalidArgument: malformedRequest"])
    }

    @Test func moreRPCsThanACallCanUse() {
        var scene = live()
        for rpc in 2...9 { scene.bot { $0.open(WebexScene.id(rpc), at: $1) } }
        #expect(scene.take() == [])
        scene.bot { $0.open(WebexScene.id(10), at: $1) }
        #expect(scene.take() == ["10 resourceExhausted: tooManyRPCs"])
    }

    @Test func aRefusedRPCLeavesTheCallAlone() {
        var scene = live()
        _ = answer(to: WebexScene.request(.noInput, agent: "bot-b"), scene)
        scene.send(.noInput, on: 10)
        #expect(scene.take() == ["no input"])
    }
}
