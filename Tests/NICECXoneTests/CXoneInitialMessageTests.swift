// Sidetone
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@testable import NICECXone

@Suite struct CXoneInitialMessageTests {
    static func read(_ text: String) throws -> CXoneInitialMessage {
        try CXoneInitialMessage(#require(JSONValue(parsing: text).object))
    }

    private static let example = #"""
        {"authenticationToken":"Basic abc","executionInfo":{"contactId":88123,"busNo":4410,
        "requestId":1,"actionType":"AGENTASSIST","actionId":12,"scriptName":"\\Prod\\Voice"},
        "systemTelemetryData":{"consumerProcessHost":"h","consumerProcessName":"EsnMediaServer.exe",
        "consumerProcessVersion":"1.2","inContactClusterAlias":"C7",
        "inContactScriptEngineHost":"lax-c4cor01","consumerMetaData":{"a":1}},
        "streamPerspective":"TX","streamsConfiguration":"","appParams":"","appConfig":{"lang":"en"}}
        """#

    @Test func readsTheWholeExample() throws {
        let message = try Self.read(Self.example)
        #expect(message.stream.description == "4410/88123/TX")
        #expect(message.requestID == 1)
        #expect(message.actionType == "AGENTASSIST")
        #expect(message.actionID == 12)
        #expect(message.scriptName == #"\Prod\Voice"#)
        #expect(message.telemetry.processHost == "h")
        #expect(message.telemetry.processName == "EsnMediaServer.exe")
        #expect(message.telemetry.processVersion == "1.2")
        #expect(message.telemetry.clusterAlias == "C7")
        #expect(message.telemetry.scriptEngineHost == "lax-c4cor01")
        #expect(message.telemetry.metaData == ["a": 1])
        #expect(message.appParameters == nil)
        #expect(message.appConfiguration == ["lang": "en"])
    }

    @Test(arguments: [
        (#""TX""#, CXonePerspective.transmit), (#""tx""#, .transmit), ("0", .transmit),
        (#""0""#, .transmit), (#"["TX"]"#, .transmit), ("[0]", .transmit), (#""RX""#, .receive),
        (#""Rx""#, .receive), ("1", .receive), ("1.0", .receive), (#"["rx"]"#, .receive),
        (#""MIX""#, .mixed), (#""mx""#, .mixed), (#""Mix""#, .mixed), ("2", .mixed),
        (#"["2"]"#, .mixed),
    ])
    func readsEveryFormOfThePerspective(written: String, read: CXonePerspective) throws {
        #expect(CXonePerspective(try JSONValue(parsing: written)) == read)
    }

    @Test(arguments: [
        "3", "-1", "0.5", #""""#, #""T""#, #""TXRX""#, "true", "[]", #"["TX","RX"]"#, #"[["TX"]]"#,
        "{}",
    ])
    func refusesUnknownPerspectives(written: String) throws {
        #expect(CXonePerspective(try JSONValue(parsing: written)) == nil)
    }

    @Test(
        arguments: [
            ("88123", 88_123), (#""88123""#, 88_123), ("88123.0", 88_123), ("0", 0),
            ("9223372036854775807", Int64.max), (#""9223372036854775807""#, Int64.max),
            ("4294967296", 4_294_967_296),
        ] as [(String, Int64)])
    func integersHave64BitsAndMayBeText(written: String, read: Int64) throws {
        let message = try Self.read(
            #"{"executionInfo":{"contactId":\#(written),"busNo":\#(written)},"streamPerspective":2}"#
        )
        #expect(message.stream.call == CXoneCallKey(businessUnit: read, contact: read))
        #expect(message.requestID == nil && message.scriptName == nil)
    }

    @Test(arguments: [
        "null", #""""#, #""x""#, #"" 1""#, "1.5", "true", "[1]", "{}", "9223372036854775808",
        #""1e3""#,
    ])
    func whatIsNoIntegerIsRefused(written: String) {
        for members in [
            #""contactId":\#(written),"busNo":1"#, #""contactId":1,"busNo":\#(written)"#,
        ] {
            #expect(throws: CXoneViolation.badExecutionInfo) {
                try Self.read(#"{"executionInfo":{\#(members)},"streamPerspective":"TX"}"#)
            }
        }
    }

    @Test(arguments: [
        #"{"streamPerspective":"TX"}"#, #"{"executionInfo":5,"streamPerspective":"TX"}"#,
        #"{"executionInfo":{"contactId":1},"streamPerspective":"TX"}"#,
        #"{"executionInfo":{"busNo":1},"streamPerspective":"TX"}"#,
    ])
    func whatNamesTheCallMustBeThere(text: String) {
        #expect(throws: CXoneViolation.badExecutionInfo) { try Self.read(text) }
    }

    @Test(arguments: ["", #","streamPerspective":null"#, #","streamPerspective":"BOTH""#])
    func thePerspectiveMustBeThere(member: String) {
        #expect(throws: CXoneViolation.badPerspective) {
            try Self.read(#"{"executionInfo":{"contactId":1,"busNo":2}\#(member)}"#)
        }
    }

    @Test(
        arguments: [
            ("null", nil), (#""""#, nil), (#""text""#, "text"), (#""{\"a\":1}""#, ["a": 1]),
            (#""[1]""#, [1]), (#""12""#, "12"), (#""{broken""#, "{broken"), (#"{"a":1}"#, ["a": 1]),
            ("7", 7),
        ] as [(String, JSONValue?)])
    func parametersMayBeAnyJSONAlsoWithinAText(written: String, read: JSONValue?) throws {
        let message = try Self.read(
            #"{"executionInfo":{"contactId":1,"busNo":2},"streamPerspective":"RX","#
                + #""appParams":\#(written),"appConfig":\#(written)}"#)
        #expect(message.appParameters == read)
        #expect(message.appConfiguration == read)
    }

    @Test func membersThatAreNotNeededMayHaveAnyType() throws {
        let message = try Self.read(
            #"{"executionInfo":{"contactId":1,"busNo":2,"requestId":[],"actionType":5,"scriptName":{}},"#
                + #""streamPerspective":"RX","systemTelemetryData":"none","streamsConfiguration":[1]}"#
        )
        #expect(message.requestID == nil)
        #expect(message.telemetry.processName == nil)
    }
}

@Suite struct CXoneTokenTests {
    @Test(arguments: [
        ("Basic abc", "Basic abc", true), ("Basic abc", "Basic abd", false),
        ("Basic abc", "Basic ab", false), ("Basic abc", "Basic abcB", false),
        ("ab", "abab", false), ("abab", "ab", false), ("Basic abc", "basic abc", false),
        ("Basic abc", "", false), ("", "", true), ("", "x", false),
    ])
    func matchesOnlyTheSameText(expected: String, received: String, matches: Bool) {
        #expect(CXoneToken(expected).matches(received: CXoneToken(received)) == matches)
    }

    @Test func anyOfTheAcceptedTokensIsEnough() {
        let check = CXoneTokenCheck(accepted: [CXoneToken("old"), CXoneToken("new")])
        #expect(check.admits(CXoneToken("old")))
        #expect(check.admits(CXoneToken("new")))
        #expect(!check.admits(CXoneToken("other")))
        #expect(!check.admits(nil))
    }

    @Test func withoutAcceptedTokensEveryoneComesIn() {
        #expect(CXoneTokenCheck().admits(nil))
        #expect(CXoneTokenCheck().admits(CXoneToken("anything")))
    }

    @Test func showsNothingOfItself() {
        let token = CXoneToken("Basic s3cret")
        var dumped = ""
        dump([token], to: &dumped)
        for text in ["\(token)", String(reflecting: token), "\([token])", dumped] {
            #expect(!text.contains("s3cret"))
            #expect(!text.contains("115"))
        }
    }
}
