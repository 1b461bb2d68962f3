// Sidetone
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@testable import NICECXone

@Suite struct CXoneUtteranceTests {
    private let webhook = CXoneTextWebhook(
        tokens: CXoneTokenCheck(accepted: [CXoneToken("Basic text")]))

    private func reply(_ body: String) -> CXoneWebhookReply { webhook.reply(to: Array(body.utf8)) }

    private static func body(
        token: String = "Basic text", contact: String = "88123", more: String
    ) -> String {
        #"{"authorizationHeader":"\#(token)","contactId":\#(contact),"busNo":4410\#(more)}"#
    }

    @Test func anUtteranceIsAnsweredAtOnce() throws {
        let reply = reply(
            Self.body(
                more: #","participantId":"patron","messageBody":"hello","messageData":{"u":"x"},"#
                    + #""agentAssistAppConfig":{"param1":"value1"},"tenantId":"t""#))
        #expect(reply.status == 200)
        #expect(reply.body == "{}")
        let utterance = try #require(reply.utterance)
        #expect(utterance.call == CXoneCallKey(businessUnit: 4410, contact: 88_123))
        #expect(utterance.participant == .patron)
        #expect(utterance.text == "hello")
        #expect(utterance.data == ["u": "x"])
        #expect(utterance.appConfiguration == ["param1": "value1"])
    }

    @Test(arguments: [
        ("patron", CXoneParticipant.patron), ("Patron", .patron), ("AGENT", .agent),
        ("system", .system), ("bot", .other("bot")), ("", .other("")),
    ])
    func participantsAreReadInAnyCase(written: String, read: CXoneParticipant) {
        let reply = reply(Self.body(more: #","participantId":"\#(written)","messageBody":"x""#))
        #expect(reply.utterance?.participant == read)
    }

    @Test func bothNamesOfTheExtraDataAndBothFormsOfTheConfigurationAreRead() {
        let reply = reply(
            Self.body(
                contact: #""9007199254740993""#,
                more: #","participantId":"agent","messageMetaData":[1],"#
                    + #""agentAssistAppConfig":"{\"a\":1}""#))
        #expect(reply.utterance?.data == [1])
        #expect(reply.utterance?.appConfiguration == ["a": 1])
        #expect(reply.utterance?.text == "")
        #expect(reply.utterance?.call.contact == 9_007_199_254_740_993)
    }

    @Test(arguments: [
        "", "{", "[]", "null", #"{"authorizationHeader":"Basic text"}"#,
        body(contact: "null", more: #","participantId":"agent""#),
        body(contact: "1.5", more: #","participantId":"agent""#), body(more: ""),
        body(more: #","participantId":5"#),
        body(more: #","participantId":"agent","messageBody":5"#),
        String(repeating: " ", count: 262_145),
    ])
    func aBadBodyIsABadRequest(body: String) {
        let reply = reply(body)
        #expect(reply.status == 400)
        #expect(reply.utterance == nil)
        #expect((try? JSONValue(parsing: reply.body))?.object?["error"] != nil)
    }

    @Test func brokenUTF8IsABadRequest() {
        #expect(webhook.reply(to: [0x7B, 0xFF, 0x7D]).status == 400)
    }

    @Test(arguments: ["", "Basic voice", "basic text"])
    func aWrongTokenIsUnauthorized(token: String) {
        let reply = reply(Self.body(token: token, more: #","participantId":"agent""#))
        #expect(reply.status == 401)
        #expect(!reply.body.contains("Basic"))
        #expect(reply.utterance == nil)
    }

    @Test func aMissingTokenIsUnauthorizedUnlessNoneIsConfigured() {
        let body = #"{"contactId":1,"busNo":2,"participantId":"agent"}"#
        #expect(reply(body).status == 401)
        let open = CXoneTextWebhook(tokens: CXoneTokenCheck())
        #expect(open.reply(to: Array(body.utf8)).status == 200)
    }
}
