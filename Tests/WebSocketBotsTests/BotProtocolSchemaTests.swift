// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import JSON
import MediaServer
import SpeechDetection
import Testing

@testable import MediaEngine
@testable import WebSocketBots

/// The committed schema is what the code sends and takes.
@Suite struct BotProtocolSchemaTests {
    let schema: JSONSchema

    init() throws {
        schema = try JSONSchema.committed()
    }

    /// At least one of every message, with and without what need not be there.
    private var sent: [ServerMessage] {
        let bare = CallInfo(key: CallKey(platform: "test", conversation: "1"))
        let full = CallInfo(
            key: CallKey(platform: "test", conversation: "1"), organization: "o", caller: "+1",
            called: "+2", language: "en-US", bot: "b", inputs: ["tier": "gold"])
        func start(_ info: CallInfo, _ resume: ServerMessage.Resume?) -> ServerMessage {
            .start(
                ServerMessage.Start(
                    session: "s", info: info, input: WireAudio(.opus, rate: .hz16000),
                    output: WireAudio(.pcm16, rate: .hz48000), takesAudio: true,
                    window: .milliseconds(30_000), backlog: .milliseconds(5000),
                    maximumMessageBytes: 1024, resume: resume))
        }
        var evidence = BargeInEvidence(
            verdict: .fired, onset: SamplePosition(0), decided: SamplePosition(160))
        evidence.delay = 120.25
        let turn = TurnID(number: 1)
        let now = MediaInstant(nanoseconds: 0)
        return [
            start(bare, nil), start(full, .init(count: 1, position: 8000, missedMessages: 0)),
            .audioPosition(0), .audioMissed(from: 0, to: 160, .slow),
            .audioMissed(from: 0, to: 160, .disconnected),
            .speechStarted(turn: turn, position: 1), .speechPaused(turn: turn, position: 1),
            .speechResumed(turn: turn, position: 1),
            .speechEnded(turn: turn, onset: 1, position: 2),
            .bargeIn(position: 3, evidence), .interruptionVetoed(InterruptionID(number: 1)),
            .platformEvent(.noInput), .platformEvent(.digitsCompleted),
            .platformEvent(.custom(CustomEvent(name: "n", values: ["a": "b"]))),
            .responseStarted("hello"), .responseEnded("hello", PlaybackAccount(wasCleared: true)),
            .mark("m", response: "hello", wasHeard: true), .cleared, .credit(granted: 30_000),
            .media(isStalled: true),
            .interruption(
                Interruption(
                    id: InterruptionID(number: 1), onset: SamplePosition(0), spoken: now,
                    decided: now, vetoDeadline: now + .milliseconds(400), evidence: evidence),
                position: 0),
            .turnAnswered(
                TurnBill(
                    turn: Turn(
                        id: turn, onset: SamplePosition(0), lastVoiced: SamplePosition(8),
                        spokenEnd: now, arrived: now, confirmed: now + .milliseconds(320)),
                    response: ResponseID(number: 1), answered: now + .milliseconds(350),
                    sent: now + .milliseconds(351))),
        ] + DTMFDigit.all.map { .dtmf($0) } + CallEndReason.allCases.map { .end($0) }
            + BotErrorCode.allCases.map { .error(BotError($0, "why")) }
    }

    @Test func everyMessageOfTheCodeFitsTheSchema() throws {
        for message in sent {
            let value = try JSONValue(parsing: message.text)
            #expect(schema.faults(of: value, as: "from_sidetone") == [], "\(message.text)")
        }
    }

    @Test func theSchemaNamesTheErrorsOfTheCodeAndNoOthers() throws {
        let code = schema.definition("server_error")?.object?["properties"]?.object?["code"]
        let names = code?.object?["enum"]?.array?.compactMap(\.string)
        #expect(names == BotErrorCode.allCases.map(\.rawValue))
    }

    /// One of each of the bot's messages, by the name of its definition.
    private static let taken: [(String, String)] = [
        ("ready", #"{"type":"ready","version":1}"#),
        ("ready", #"{"type":"ready","version":1,"output":{"encoding":"opus","rate":24000}}"#),
        ("response_begin", #"{"type":"response_begin","response":"a","barge_in":false}"#),
        ("response_end", #"{"type":"response_end","response":"a","more":true}"#),
        ("bot_mark", #"{"type":"mark","mark":"m"}"#), ("clear", #"{"type":"clear"}"#),
        ("veto", #"{"type":"veto","interruption":1}"#), ("listen", #"{"type":"listen"}"#),
        (
            "listen",
            """
            {"type":"listen","modes":"digits","speech":"digits","sensitive":true,\
            "no_input_ms":5000,"most_digits":16,"terminator":"#","between_ms":2000}
            """
        ),
        ("report", #"{"type":"report","disposition":"match","text":"yes","confidence":0.9}"#),
        ("event", #"{"type":"event","name":"n","values":{"a":"b"}}"#),
        ("transfer", #"{"type":"transfer","to":"sales","outputs":{"a":"b"},"summary":"s"}"#),
        ("bot_end", #"{"type":"end","transcript":"t","now":true}"#),
        ("bot_error", #"{"type":"error","code":"broken","message":"why"}"#),
    ]

    @Test func everyMessageOfTheSchemaIsTakenWithMembersThatNobodyKnows() throws {
        for (name, text) in Self.taken {
            #expect(schema.faults(of: try JSONValue(parsing: text), as: name) == [], "\(text)")
            #expect(schema.faults(of: try JSONValue(parsing: text), as: "from_bot") == [])
            let extended = text.dropLast() + #","later":{"x":[1]}}"#
            _ = try BotMessage(parsing: String(extended))
        }
        let listed = schema.definition("from_bot")?.object?["oneOf"]?.array ?? []
        let definitions = listed.compactMap {
            $0.object?["$ref"]?.string?.split(separator: "/").last
        }
        #expect(Set(definitions.map(String.init)) == Set(Self.taken.map(\.0)))
        let types = definitions.compactMap { name in
            schema.definition(String(name))?.object?["properties"]?.object?["type"]?
                .object?["const"]?.string
        }
        #expect(Set(types) == Set(BotMessage.types))
    }

    @Test func theSchemaRefusesWhatTheParserRefuses() throws {
        for text in [
            #"{"type":"ready"}"#, #"{"type":"ready","version":2}"#,
            #"{"type":"ready","version":1,"output":{"encoding":"mp3","rate":8000}}"#,
            #"{"type":"response_begin"}"#, #"{"type":"response_begin","response":""}"#,
            #"{"type":"mark","mark":7}"#, #"{"type":"dance"}"#, #"{"type":"transfer"}"#,
            #"{"type":"report","disposition":"perhaps"}"#,
            #"{"type":"report","disposition":"match","confidence":2}"#,
            #"{"type":"listen","most_digits":0}"#, #"{"type":"event","name":"n","values":{"a":1}}"#,
            #"{"type":"end","now":"yes"}"#, #"{"type":"veto"}"#, "[]",
        ] {
            let value = try JSONValue(parsing: text)
            #expect(schema.faults(of: value, as: "from_bot") != [], "\(text)")
            #expect(throws: BotError.self, "\(text)") { try BotMessage(parsing: text) }
        }
    }
}
