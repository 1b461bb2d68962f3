// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import NIOCore
import SyntheticCallers
import Testing

/// A CXone call on a virtual clock with a server whose every message the test writes.
struct CXoneScene {
    var platform: CXonePlatform
    var clock = VirtualClock(now: MediaInstant(nanoseconds: 1_000_000))
    let begin: MediaInstant
    var texts: [(connection: Int, message: JSONValue)] = []
    var audio: [(connection: Int, at: MediaDuration, bytes: [UInt8])] = []
    var connects: [Int] = []
    var closes: [Int] = []
    var aborts: [Int] = []
    var isFinished = false
    var reply: String? = Self.accepted
    var confirmsCloses = true

    static let accepted =
        #"{"command":"CONNECTED","messageType":"COMMAND","message":"BEGIN AUDIO STREAM"}"#

    init(
        _ options: CXoneCallOptions = CXoneCallOptions(seed: 4),
        script: CallerScript = CallerScript(steps: []), agent: CallerScript? = nil,
        reply: String? = Self.accepted
    ) {
        platform = CXonePlatform(
            options: options, script: script, agent: agent, keepsAudio: true)
        begin = clock.now
        self.reply = reply
        platform.start(at: clock.now)
        carryOut()
    }

    var report: CallReport {
        var copy = platform
        return copy.takeReport(at: clock.now)
    }
    var rules: [Violation.Rule] { report.violations.map(\.rule) }

    mutating func carryOut() {
        while true {
            var outputs: [WebSocketOutput] = []
            platform.takeOutputs(into: &outputs)
            guard !outputs.isEmpty else { return }
            for output in outputs {
                switch output {
                case .connect(let connection):
                    connects.append(connection)
                    platform.connected(connection, at: clock.now)
                case .text(let buffer, let connection):
                    let bytes = Array(buffer.readableBytesView)
                    texts.append((connection, (try? JSONValue.parse(bytes)) ?? .null))
                    if let reply { say(reply, on: connection) }
                case .binary(let buffer, let connection):
                    audio.append(
                        (connection, clock.now - begin, Array(buffer.readableBytesView)))
                case .close(let code, let connection):
                    closes.append(connection)
                    confirm(connection, code: code)
                case .abort(let connection):
                    aborts.append(connection)
                    confirm(connection, code: nil)
                case .finished: isFinished = true
                }
            }
        }
    }

    private mutating func confirm(_ connection: Int, code: UInt16?) {
        guard confirmsCloses else { return }
        platform.closed(connection, code: code, fault: nil, at: clock.now)
    }

    mutating func say(_ text: String, on connection: Int) {
        platform.received(text: ByteBuffer(string: text), on: connection, at: clock.now)
        carryOut()
    }

    mutating func run(milliseconds: Int64) {
        let end = clock.now + .milliseconds(milliseconds)
        while let deadline = platform.deadline, deadline <= end {
            clock.advance(by: max(deadline - clock.now, .zero))
            platform.advance(to: clock.now)
            carryOut()
        }
        clock.advance(by: end - clock.now)
    }
}

@Suite struct CXonePlatformTests {
    @Test func initialMessageNamesTheCallAndTheStream() {
        var options = CXoneCallOptions(seed: 4)
        options.token = "Basic abc"
        let scene = CXoneScene(options)
        #expect(scene.texts.count == 2)
        let message = scene.texts[0].message
        #expect(message["authenticationToken"] == "Basic abc")
        #expect(message["executionInfo"]?["contactId"]?.integer == options.contact)
        #expect(message["executionInfo"]?["busNo"]?.integer == options.businessUnit)
        #expect(scene.texts.map { $0.message["streamPerspective"] } == ["TX", "RX"])
        #expect(options.contact > Int(Int32.max))
    }

    @Test(
        arguments: [
            (.text, "MIX"), (.lowercase, "mix"), (.short, "MX"), (.number, 2), (.array, ["MIX"]),
        ] as [(CXoneCallOptions.PerspectiveForm, JSONValue)])
    func perspectiveTakesEachForm(_ form: CXoneCallOptions.PerspectiveForm, _ value: JSONValue) {
        var options = CXoneCallOptions(perspectives: [.mix], seed: 4)
        options.perspectiveForm = form
        #expect(CXoneScene(options).texts.first?.message["streamPerspective"] == value)
    }

    @Test func numbersAndParametersTakeTheirOtherForms() {
        var options = CXoneCallOptions(seed: 4)
        options.numbersAsText = true
        options.parameterForm = .object
        options.sendsTelemetry = false
        let message = CXoneScene(options).texts[0].message
        #expect(message["executionInfo"]?["contactId"]?.text == String(options.contact))
        #expect(message["appParams"] == ["language": "en"])
        #expect(message["systemTelemetryData"] == nil)
        #expect(message["authenticationToken"] == nil)
    }

    @Test func contactAndAgentRunInTheirStreamsEvery20Milliseconds() throws {
        let contact = try TestVoices.callerClip("contact.wav", lead: 0, speech: 800, tail: 0)
        let agent = try TestVoices.callerClip("agent.wav", lead: 0, speech: 480, tail: 0)
        var scene = CXoneScene(
            script: CallerScript(steps: [.init(.at(.milliseconds(20)), .speak(contact))]),
            agent: CallerScript(steps: [.init(.at(.zero), .speak(agent))]))
        scene.run(milliseconds: 200)
        let tx = scene.audio.filter { $0.connection == 0 }
        let rx = scene.audio.filter { $0.connection == 1 }
        #expect(tx.map(\.at.milliseconds) == (1...10).map { Double($0) * 20 })
        #expect(rx.count == 10)
        #expect(scene.audio.allSatisfy { $0.bytes.count == 160 })
        #expect(Array(tx.flatMap(\.bytes)[160..<960]) == contact.encoded)
        #expect(Array(rx.flatMap(\.bytes)[0..<480]) == agent.encoded)
        #expect(scene.rules.isEmpty)
    }

    @Test func mixIsTheSumOfBoth() throws {
        let contact = try TestVoices.callerClip(lead: 0, speech: 320, tail: 0)
        var scene = CXoneScene(
            CXoneCallOptions(perspectives: [.mix], seed: 4),
            script: CallerScript(steps: [.init(.at(.zero), .speak(contact))]),
            agent: CallerScript(steps: [.init(.at(.zero), .speak(contact))]))
        scene.run(milliseconds: 40)
        let mixed = MuLaw.decode(scene.audio.flatMap(\.bytes))
        let alone = MuLaw.decode(contact.encoded)
        #expect(mixed.count == 320)
        for (sum, one) in zip(mixed, alone) {
            // Twice the amplitude, within half a step of the law.
            let twice = 2 * Int(one)
            let error = abs(Int(sum) - twice)
            #expect(error <= abs(twice) / 16 + 8)
        }
    }

    @Test(arguments: [
        #"{"command":1,"messageType":"COMMAND","message":"BEGIN AUDIO STREAM"}"#,
        #"{"command":"CONNECTED","messageType":"COMMAND","message":"BEGIN AUDIO STREAM","parameters":{}}"#,
    ])
    func otherFormsOfTheReplyAreAccepted(_ reply: String) {
        var scene = CXoneScene(reply: reply)
        scene.run(milliseconds: 100)
        #expect(scene.rules.isEmpty)
        #expect(scene.audio.count == 10)
    }

    @Test(arguments: [
        "BEGIN", "[]", "{}",
        #"{"command":"connected","messageType":"COMMAND","message":"BEGIN AUDIO STREAM"}"#,
        #"{"command":"CONNECTED","messageType":"COMMAND","message":"begin audio stream"}"#,
        #"{"command":"CONNECTED","messageType":"command","message":"BEGIN AUDIO STREAM"}"#,
        #"{"command":"CONNECTED","messageType":"COMMAND"}"#,
        #"{"command":"CONNECTED","messageType":"COMMAND","message":"BEGIN AUDIO STREAM","parameters":[]}"#,
        #"{"command":"CONNECT","messageType":"COMMAND","message":"BEGIN AUDIO STREAM"}"#,
    ])
    func aWrongReplyEndsTheCall(_ reply: String) {
        var scene = CXoneScene(CXoneCallOptions(perspectives: [.tx], seed: 4), reply: reply)
        scene.run(milliseconds: 100)
        #expect(scene.rules == [.reply])
        #expect(scene.audio.isEmpty)
        #expect(scene.isFinished)
        #expect(scene.report.ending.kind == .failed)
    }

    @Test func aLateReplyIsReportedAndTakenAndNoReplyIsNot() {
        var scene = CXoneScene(CXoneCallOptions(perspectives: [.tx], seed: 4), reply: nil)
        scene.run(milliseconds: 1500)
        scene.say(CXoneScene.accepted, on: 0)
        scene.run(milliseconds: 40)
        #expect(scene.rules == [.replyLate])
        #expect(scene.audio.count == 2)

        var mute = CXoneScene(CXoneCallOptions(perspectives: [.tx], seed: 4), reply: nil)
        mute.run(milliseconds: 6000)
        #expect(mute.rules == [.replyTimeout])
        #expect(mute.isFinished)
    }

    @Test func aRefusalIsOneAndTheServerMustThenClose() {
        let refusal =
            #"{"command":"ERROR","messageType":"COMMAND","message":"authentication failed"}"#
        var scene = CXoneScene(CXoneCallOptions(perspectives: [.tx], seed: 4), reply: refusal)
        scene.platform.closed(0, code: 1008, fault: nil, at: scene.clock.now)
        scene.carryOut()
        #expect(scene.rules.isEmpty)
        #expect(scene.report.ending.kind == .refused)
        #expect(scene.report.ending.detail == "authentication failed")
        #expect(scene.isFinished)

        var open = CXoneScene(CXoneCallOptions(perspectives: [.tx], seed: 4), reply: refusal)
        open.run(milliseconds: 3000)
        #expect(open.rules == [.refusalNotClosed])
        #expect(open.aborts == [0])
    }

    @Test(arguments: [CXoneCallOptions.HoldStyle.closing, .dropping])
    func holdByCloseOpensANewConnectionWithTheSameHandshake(
        _ style: CXoneCallOptions.HoldStyle
    ) {
        var options = CXoneCallOptions(perspectives: [.tx], seed: 4)
        options.holdStyle = style
        var scene = CXoneScene(
            options,
            script: CallerScript(steps: [
                .init(.at(.milliseconds(100)), .hold), .init(.after(.seconds(1)), .resume),
            ]))
        scene.run(milliseconds: 1200)
        #expect(scene.connects == [0, 1])
        #expect(scene.texts[0].message == scene.texts[1].message)
        #expect(scene.audio.map(\.connection) == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
        #expect(scene.audio[5].at == .milliseconds(1120))
        #expect((style == .closing ? scene.closes : scene.aborts) == [0])
        #expect(scene.rules.isEmpty)
    }

    @Test func holdBySilenceKeepsTheConnection() {
        var options = CXoneCallOptions(perspectives: [.tx], seed: 4)
        options.holdStyle = .silent
        var scene = CXoneScene(
            options,
            script: CallerScript(steps: [
                .init(.at(.milliseconds(100)), .hold), .init(.after(.seconds(1)), .resume),
            ]))
        scene.run(milliseconds: 1200)
        #expect(scene.connects == [0])
        #expect(scene.audio.count == 10)
        #expect(scene.texts.count == 1)
    }

    @Test func theServerSendsNoAudioAndNoFurtherText() {
        var scene = CXoneScene()
        scene.platform.received(binary: TestVoices.botAudio(160), on: 0, at: scene.clock.now)
        scene.say("hello", on: 0)
        scene.say(#"{"command":"MESSAGE","messageType":"INFO","message":"x"}"#, on: 0)
        #expect(scene.rules == [.unexpectedBinary, .unexpectedMessage])
    }

    @Test func hangingUpClosesEveryStream() {
        var scene = CXoneScene(
            script: CallerScript(steps: [.init(.at(.milliseconds(100)), .hangUp)]))
        scene.run(milliseconds: 200)
        #expect(scene.closes == [0, 1])
        #expect(scene.isFinished)
        #expect(scene.report.ending.kind == .byCaller)
        #expect(scene.rules.isEmpty)
    }

    @Test func aLostStreamEndsTheCallAsFailed() {
        var scene = CXoneScene()
        scene.platform.closed(1, code: nil, fault: nil, at: scene.clock.now)
        scene.carryOut()
        #expect(scene.rules == [.closedByServer])
        #expect(scene.closes == [0])
        #expect(scene.isFinished)
    }

    @Test func aServerThatDoesNotAnswerTheCloseIsReported() {
        var scene = CXoneScene(
            CXoneCallOptions(perspectives: [.tx], seed: 4),
            script: CallerScript(steps: [.init(.at(.milliseconds(100)), .hangUp)]))
        scene.confirmsCloses = false
        scene.run(milliseconds: 4000)
        #expect(scene.rules == [.socketNotClosed])
        #expect(scene.isFinished)
    }
}
