// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import NIOCore
import SyntheticCallers
import Testing

@Suite struct GenesysPlatformTests {
    @Test func openCarriesTheWholeOfferAndComesFirst() throws {
        var options = GenesysCallOptions(seed: 3)
        options.inputVariables = ["tier": "gold"]
        options.asksForLanguages = true
        options.customConfig = ["bot": "sales"]
        let scene = GenesysScene(options)
        let open = try #require(scene.texts.first)
        #expect(open.type == "open")
        #expect(open.sequence == 1)
        #expect(open.message["version"] == "2")
        #expect(open.message["id"]?.text == options.session)
        #expect(open.message["serverseq"] == 0)
        #expect(open.message["position"] == "PT0S")
        #expect(open.parameters["organizationId"]?.text == options.organization)
        #expect(open.parameters["conversationId"]?.text == options.conversation)
        #expect(open.parameters["participant"]?["ani"] == "+13175550100")
        #expect(open.parameters["media"] == .array([GenesysScene.media(.external)]))
        #expect(open.parameters["language"] == "en-US")
        #expect(open.parameters["supportedLanguages"] == true)
        #expect(open.parameters["customConfig"] == ["bot": "sales"])
        #expect(open.parameters["inputVariables"] == ["tier": "gold"])
    }

    @Test func equalSeedsMakeEqualCalls() {
        #expect(GenesysCallOptions(seed: 9) == GenesysCallOptions(seed: 9))
        #expect(GenesysCallOptions(seed: 9).session != GenesysCallOptions(seed: 10).session)
    }

    @Test func sequencesRunWithoutGapAndNameTheServersLast() {
        var scene = GenesysScene()
        scene.open()
        scene.run(milliseconds: 12_000)
        #expect(scene.texts.map(\.sequence) == Array(1...scene.texts.count))
        // Pings leave after 1 s, at once after the first pong, then every 5 s.
        let pings = scene.texts("ping")
        #expect(pings.map(\.at.milliseconds) == [1000, 1000, 6000, 11_000])
        #expect(pings[0].parameters == [:])
        #expect(pings[1].parameters["rtt"] == "PT0S")
        #expect(pings[2].message["serverseq"] == 3)
        #expect(scene.rules.isEmpty)
        #expect(scene.report.pong?.count == 4)
    }

    @Test func audioLeavesEvery200MillisecondsAndPositionCountsIt() {
        var scene = GenesysScene()
        scene.open()
        scene.run(milliseconds: 2100)
        #expect(scene.audio.map(\.at.milliseconds) == (1...10).map { Double($0) * 200 })
        #expect(scene.audio.allSatisfy { $0.bytes.count == 1600 })
        #expect(scene.texts("ping").first?.message["position"] == "PT1S")
    }

    @Test func aLateDriverCatchesUpWithoutDriftAndKnowsItsLateness() {
        var scene = GenesysScene()
        scene.isPolite = false
        scene.open()
        scene.clock.advance(by: .milliseconds(730))
        scene.platform.advance(to: scene.clock.now)
        scene.run(milliseconds: 100)
        // Three messages were late and left together; the fourth left on its own deadline.
        #expect(scene.audio.map(\.at.milliseconds) == [800, 800, 800, 800])
        #expect(scene.report.generator.count == 4)
        #expect(scene.report.generator.maximum == Milliseconds(530))
    }

    @Test func aDriverThatWasHeldUpBlamesNoServer() {
        var scene = GenesysScene()
        scene.isPolite = false
        scene.open()
        scene.run(milliseconds: 1100)
        // The pong lies unread while the process stands still for ten seconds.
        scene.clock.advance(by: .seconds(10))
        scene.platform.advance(to: scene.clock.now)
        scene.say("pong", clientSequence: scene.texts("ping")[0].sequence)
        #expect(scene.rules.isEmpty)
        #expect(scene.report.generator.maximum > Milliseconds(9000))
    }

    @Test func callerHangsUpThroughTheCloseHandshake() {
        var scene = GenesysScene(
            script: CallerScript(steps: [.init(.at(.seconds(1.5)), .hangUp)]))
        scene.open()
        scene.run(milliseconds: 3000)
        #expect(scene.texts("close").first?.parameters["reason"] == "end")
        #expect(scene.texts("close").first?.at == .milliseconds(1500))
        #expect(scene.closeCode == 1000)
        #expect(scene.isFinished)
        #expect(scene.report.ending.kind == .byCaller)
        #expect(scene.rules.isEmpty)
        #expect(scene.audio.last?.at == .milliseconds(1400))
    }

    @Test func disconnectIsAnsweredWithCloseAndCarriesOutTheVariables() {
        var scene = GenesysScene()
        scene.open()
        scene.run(milliseconds: 500)
        scene.say(
            "disconnect", ["reason": "completed", "outputVariables": ["route": "billing"]])
        #expect(scene.texts("close").first?.parameters["reason"] == "disconnect")
        #expect(scene.isFinished)
        #expect(scene.report.outputVariables == ["route": "billing"])
        #expect(scene.report.ending.kind == .byBot)
        #expect(scene.report.ending.detail == "completed")
        #expect(scene.rules.isEmpty)
    }

    @Test func unauthorizedDisconnectBeforeOpenedIsARefusal() {
        var scene = GenesysScene()
        scene.say("disconnect", ["reason": "unauthorized"])
        #expect(scene.texts("close").first?.parameters["reason"] == "disconnect")
        #expect(scene.report.ending.kind == .refused)
        #expect(scene.rules.isEmpty)
    }

    @Test func aCallThatIsTooLongIsGivenUp() {
        var scene = GenesysScene(script: CallerScript(steps: [], longest: .seconds(3)))
        scene.open()
        scene.run(milliseconds: 5000)
        #expect(scene.texts("close").first?.at == .seconds(3))
        #expect(scene.report.ending.kind == .byCaller)
    }

    @Test func digitsLeaveOneByOne() {
        var scene = GenesysScene(
            script: CallerScript(steps: [.init(.at(.seconds(1.1)), .dial("1#"))]))
        scene.open()
        scene.run(milliseconds: 2000)
        #expect(scene.texts("dtmf").map { $0.parameters["digit"] } == ["1", "#"])
        #expect(scene.texts("dtmf").map(\.at.milliseconds) == [1100, 1350])
    }

    @Test func probeHasNullIdentifiersSendsNoAudioAndCloses() {
        var scene = GenesysScene(.probe(seed: 5))
        let open = scene.texts[0].parameters
        #expect(open["conversationId"] == "00000000-0000-0000-0000-000000000000")
        #expect(open["participant"]?["id"] == "00000000-0000-0000-0000-000000000000")
        #expect(open["participant"]?["ani"] == "")
        scene.say("opened", ["media": []])
        #expect(scene.texts("close").first?.parameters["reason"] == "end")
        #expect(scene.isFinished)
        #expect(scene.audio.isEmpty)
        #expect(scene.rules.isEmpty)
    }

    @Test func languageUpdateIsAcknowledgedOnce() {
        var scene = GenesysScene(
            script: CallerScript(steps: [.init(.at(.seconds(0.5)), .changeLanguage("es-ES"))]))
        scene.open()
        scene.run(milliseconds: 600)
        #expect(scene.texts("update").first?.parameters["language"] == "es-ES")
        scene.say("updated")
        #expect(scene.rules.isEmpty)
        scene.say("updated")
        #expect(scene.rules == [.unexpectedMessage])
    }
}
