// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import NIOCore
import SyntheticCallers
import Testing

@Suite struct GenesysPlatformViolationTests {
    struct BadMessage: Sendable, CustomTestStringConvertible {
        let name: String
        let rule: Violation.Rule
        let code: Int
        let type: String
        var parameters: JSONValue = [:]
        var clientSequence: Int?
        var changes: [String: JSONValue?] = [:]
        var testDescription: String { name }
    }

    static let badMessages: [BadMessage] = [
        .init(
            name: "version 3", rule: .version, code: 400, type: "pause", changes: ["version": "3"]),
        .init(
            name: "version as number", rule: .envelope, code: 400, type: "pause",
            changes: ["version": 2]),
        .init(
            name: "no version", rule: .envelope, code: 400, type: "pause",
            changes: ["version": nil]),
        .init(
            name: "another id", rule: .sessionIdentifier, code: 400, type: "pause",
            changes: ["id": "30b0e395-84d3-4570-ac13-9a62d8f514c0"]),
        .init(
            name: "seq twice", rule: .sequence, code: 400, type: "pause", changes: ["seq": 1]),
        .init(
            name: "seq skips one", rule: .sequence, code: 400, type: "pause", changes: ["seq": 3]),
        .init(
            name: "seq as text", rule: .envelope, code: 400, type: "pause", changes: ["seq": "2"]),
        .init(
            name: "clientseq ahead", rule: .clientSequence, code: 400, type: "pause",
            clientSequence: 2),
        .init(
            name: "clientseq goes back", rule: .clientSequence, code: 400, type: "pause",
            clientSequence: 0),
        .init(
            name: "clientseq missing", rule: .envelope, code: 400, type: "pause",
            changes: ["clientseq": nil]),
        .init(
            name: "serverseq from a server", rule: .clientMember, code: 400, type: "pause",
            changes: ["serverseq": 1]),
        .init(
            name: "position from a server", rule: .clientMember, code: 400, type: "pause",
            changes: ["position": "PT0S"]),
        .init(
            name: "no parameters", rule: .envelope, code: 400, type: "pause",
            changes: ["parameters": nil]),
        .init(name: "unknown type", rule: .unknownType, code: 400, type: "error"),
        .init(
            name: "reason of disconnect", rule: .parameters, code: 400, type: "disconnect",
            parameters: ["reason": "done"]),
        .init(
            name: "entities no array", rule: .parameters, code: 400, type: "event",
            parameters: ["entities": [:]]),
        .init(
            name: "disposition", rule: .parameters, code: 400, type: "event",
            parameters: GenesysScene.event("bot_turn_response", ["disposition": "ok"])),
        .init(
            name: "transcript without id", rule: .parameters, code: 400, type: "event",
            parameters: GenesysScene.event(
                "transcript", ["channelId": 0, "isFinal": true, "alternatives": []])),
        .init(
            name: "opened twice", rule: .unexpectedMessage, code: 409, type: "opened",
            parameters: ["media": []]),
        .init(name: "closed first", rule: .unexpectedMessage, code: 409, type: "closed"),
        .init(name: "pong without ping", rule: .unexpectedMessage, code: 409, type: "pong"),
        .init(name: "updated without update", rule: .unexpectedMessage, code: 409, type: "updated"),
    ]

    @Test(arguments: badMessages)
    func badMessageIsReportedAndEndsTheSession(_ bad: BadMessage) {
        var scene = GenesysScene()
        scene.open()
        scene.say(
            bad.type, bad.parameters, clientSequence: bad.clientSequence, changes: bad.changes)
        #expect(scene.rules.first == bad.rule)
        #expect(scene.texts("error").first?.parameters["code"]?.integer == bad.code)
        #expect(scene.texts("close").first?.parameters["reason"] == "error")
        #expect(scene.report.ending.kind == .failed)
    }

    @Test(arguments: ["", "{", "[]", "{\"a\":1}x", "\u{1}"])
    func whatIsNoMessageIsReported(_ text: String) {
        var scene = GenesysScene()
        scene.open()
        scene.sayRaw(text)
        #expect([.notJSON, .envelope].contains(scene.rules.first))
    }

    @Test func textAboveTheLimitIsTooLarge() {
        var scene = GenesysScene()
        scene.open()
        let text = String(repeating: "a", count: 65_536)
        scene.say("event", GenesysScene.event("note", ["text": .string(text)]))
        #expect(scene.rules.first == .textTooLarge)
        #expect(scene.texts("error").first?.parameters["code"] == 413)
    }

    @Test func theTextLimitCountsCharactersNotBytes() {
        var scene = GenesysScene()
        scene.open()
        // 40,000 characters are 80,000 bytes.
        let text = String(repeating: "é", count: 40_000)
        scene.say("event", GenesysScene.event("note", ["text": .string(text)]))
        #expect(scene.rules.isEmpty)
    }

    @Test(
        arguments: [
            .array([GenesysScene.media(.internal)]),
            .array([GenesysScene.media(.external), GenesysScene.media(.external)]),
            [["type": "audio", "format": "L16", "channels": ["external"], "rate": 8000]],
            [["type": "audio", "format": "PCMU", "channels": ["external"], "rate": 16000]],
        ] as [JSONValue])
    func selectedMediaMustBeOneOffer(_ media: JSONValue) {
        var scene = GenesysScene()
        scene.say("opened", ["media": media])
        #expect(scene.rules == [.selectedMedia])
        #expect(scene.texts("error").first?.parameters["code"] == 400)
        #expect(scene.isFinished)
    }

    @Test func reversedChannelsWereNotOffered() {
        var scene = GenesysScene(GenesysCallOptions(product: .monitor, seed: 1))
        scene.say(
            "opened",
            [
                "media": [
                    [
                        "type": "audio", "format": "PCMU", "channels": ["internal", "external"],
                        "rate": 8000,
                    ]
                ]
            ])
        #expect(scene.rules == [.selectedMedia])
    }

    @Test func noOpenedIsATimeout() {
        var scene = GenesysScene()
        scene.isPolite = false
        scene.run(milliseconds: 20_000)
        #expect(scene.rules == [.openTimeout, .closeTimeout])
        #expect(scene.texts("error").first?.at == .seconds(5))
        #expect(scene.texts("error").first?.parameters["code"] == 408)
        #expect(scene.isFinished)
    }

    @Test func aMissingPongIsATimeoutWhenTheNextPingIsDue() {
        var scene = GenesysScene()
        scene.isPolite = false
        scene.open()
        scene.run(milliseconds: 7000)
        #expect(scene.rules == [.pongTimeout])
        #expect(scene.texts("close").first?.at == .seconds(6))
    }

    @Test func pongMustNameItsPing() {
        var scene = GenesysScene()
        scene.isPolite = false
        scene.open()
        scene.run(milliseconds: 1100)
        scene.say("pong", clientSequence: 1)
        #expect(scene.rules == [.pongMismatch])
    }

    @Test func aSecondDisconnectIsOneTooMany() {
        var scene = GenesysScene()
        scene.isPolite = false
        scene.open()
        scene.say("disconnect", ["reason": "completed"])
        scene.say("disconnect", ["reason": "error"])
        #expect(scene.rules == [.secondDisconnect])
        #expect(scene.texts("close").count == 1)
    }

    @Test func outputVariablesAreStrings() {
        var scene = GenesysScene()
        scene.open()
        scene.say("disconnect", ["reason": "completed", "outputVariables": ["n": 1, "s": "x"]])
        #expect(scene.rules == [.outputVariables])
        #expect(scene.report.outputVariables == ["s": "x"])
    }

    @Test func hangingUpOnOnesOwnSpeechCutsTheTail() {
        var scene = GenesysScene()
        scene.open()
        scene.send(TestVoices.botAudio(4000))
        scene.run(milliseconds: 200)
        scene.say("disconnect", ["reason": "completed"])
        #expect(scene.rules == [.tailCut])
    }

    @Test func audioBeforeOpenedIsUnexpected() {
        var scene = GenesysScene()
        scene.send(TestVoices.botAudio(1600))
        #expect(scene.rules == [.unexpectedBinary])
        #expect(scene.texts("error").first?.parameters["code"] == 415)
    }

    @Test func audioToAMonitorIsUnexpected() {
        var scene = GenesysScene(GenesysCallOptions(product: .monitor, seed: 1))
        scene.open()
        scene.send(TestVoices.botAudio(1600))
        #expect(scene.rules == [.unexpectedBinary])
    }

    @Test func botEventsHaveNoPlaceInAMonitor() {
        var scene = GenesysScene(GenesysCallOptions(product: .monitor, seed: 1))
        scene.open()
        scene.say("event", GenesysScene.event("barge_in"))
        #expect(scene.rules == [.connectorOnly])
        #expect(scene.texts("close").isEmpty)
    }

    @Test func audioAfterClosedIsUnexpectedButWhatCrossesCloseIsNot() {
        var scene = GenesysScene(script: CallerScript(steps: [.init(.at(.zero), .hangUp)]))
        scene.isPolite = false
        scene.open()
        scene.run(milliseconds: 10)
        scene.send(TestVoices.botAudio(1600))
        #expect(scene.rules.isEmpty)
    }

    @Test(arguments: [0, 64_001])
    func binarySizesAreLimited(_ size: Int) {
        var scene = GenesysScene()
        scene.open()
        scene.send(TestVoices.botAudio(size))
        #expect(scene.rules == [.binarySize])
    }

    @Test func fiftyMessagesASecondAreThrottled() {
        var scene = GenesysScene()
        scene.open()
        for _ in 0..<60 {
            scene.run(milliseconds: 20)
            scene.send(TestVoices.botAudio(160))
        }
        #expect(Set(scene.rules) == [.binaryRate, .ignoredRetryAfter])
        let errors = scene.texts("error")
        #expect(errors.first?.parameters["code"] == 429)
        #expect(errors.first?.parameters["retryAfter"] == "PT1S")
        // It is an answer to the sender, not the end of the call.
        #expect(scene.texts("close").isEmpty)
    }

    @Test func fiveMessagesASecondAfterABurstAreWithinTheRate() {
        var scene = GenesysScene()
        scene.open()
        for _ in 0..<20 { scene.send(TestVoices.botAudio(1600)) }
        for _ in 0..<100 {
            scene.run(milliseconds: 200)
            scene.send(TestVoices.botAudio(1600))
        }
        #expect(scene.rules.isEmpty)
        #expect(scene.report.counts.binaryReceived == 120)
    }

    @Test func aFloodOfViolationsIsCountedButNotKept() {
        var scene = GenesysScene()
        scene.open()
        for _ in 0..<500 { scene.send(TestVoices.botAudio(160)) }
        #expect(scene.report.counts.violations == 475)
        #expect(scene.report.violations.count == 100)
    }

    @Test func theServerMustNotCloseFirst() {
        var scene = GenesysScene()
        scene.open()
        scene.platform.closed(0, code: 1001, fault: nil, at: scene.clock.now)
        #expect(scene.rules == [.closedByServer])
        #expect(scene.report.ending.kind == .failed)
    }

    @Test func aProbeStartsNoBot() {
        var scene = GenesysScene(.probe(seed: 5))
        scene.isPolite = false
        scene.say("opened", ["media": []])
        scene.say("event", GenesysScene.event("bot_turn_response", ["disposition": "match"]))
        #expect(scene.rules == [.probeTreatedAsCall])
    }

    @Test func transcriptsAndUnknownEventsAreFine() {
        var scene = GenesysScene(GenesysCallOptions(product: .monitor, seed: 1))
        scene.open()
        scene.say(
            "event",
            GenesysScene.event(
                "transcript",
                [
                    "id": "30b0e395-84d3-4570-ac13-9a62d8f514c0", "channelId": 0, "isFinal": true,
                    "offset": "PT1.2S", "duration": "PT0.8S",
                    "alternatives": [
                        [
                            "confidence": 1,
                            "interpretations": [["type": "display", "transcript": "hello"]],
                        ]
                    ],
                ]))
        scene.say("event", GenesysScene.event("vendor_extra"))
        #expect(scene.rules.isEmpty)
        #expect(scene.report.timeline.contains { $0.detail == "caller: hello" })
    }
}
