// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Operations
import StrictYAML
import Testing

/// Settings of bots that run elsewhere.
@Suite struct RemoteBotConfigurationTests {
    private func read(
        _ text: String, environment: [String: String] = [:]
    ) throws -> ServerConfiguration {
        try ServerConfigurationTests.read(text, environment: environment)
    }

    @Test func readsABotBehindAWebSocket() throws {
        let configuration = try read(
            """
            bot: {kind: websocket}
            remote: {url: "wss://bot.example.com/calls?x=1", encoding: opus, rate: 48000,
                     headers: [{name: Authorization, value: env:BOT}, {name: X-A, value: b}],
                     answer_ms: 500, reconnects: 0, window_ms: 5000, transfer: operator}
            """, environment: ["BOT": "Bearer abc"])
        #expect(configuration.bot.kind == .websocket)
        #expect(configuration.remote.url == "wss://bot.example.com/calls?x=1")
        #expect(configuration.remote.rate == 48_000 && configuration.remote.encoding == .opus)
        #expect(configuration.remote.headers.map(\.value.revealed) == ["Bearer abc", "b"])
        #expect(configuration.remote.answerTimeout == .milliseconds(500))
        #expect(configuration.remote.reconnects == 0)
        #expect(configuration.remote.transfer == "operator")
        #expect(configuration.warnings == [])
    }

    @Test func readsAModelOfOpenAI() throws {
        let configuration = try read(
            """
            bot: {kind: openai-realtime}
            realtime: {api_key: env:KEY, dialect: beta, turn_detection: sidetone, audio: pcma,
                       model: gpt-realtime-mini, instructions: Be brief., greets: false}
            """, environment: ["KEY": "sk"])
        #expect(configuration.bot.kind == .openAIRealtime)
        #expect(configuration.realtime.apiKey?.revealed == "sk")
        #expect(configuration.realtime.dialect == .beta)
        #expect(configuration.realtime.turnDetection == .sidetone)
        #expect(configuration.realtime.audio == .pcma && !configuration.realtime.greets)
    }

    @Test(arguments: [
        ("bot: {kind: websocket}", "bot.kind: 'websocket' needs remote.url"),
        (
            "remote: {url: 'http://x'}",
            "remote.url: http://x: it must begin with ws:// or wss://"
        ),
        ("remote: {rate: 44100}", "remote.rate: '44100' is none of 8000, 16000, 24000, 48000"),
        (
            "remote: {headers: [{name: 'a b', value: c}]}",
            "remote.headers[0].name: 'a b' is no name of a header"
        ),
        (
            "remote: {headers: [Authorization]}",
            "remote.headers[0]: expected a mapping with 'name' and 'value'"
        ),
    ])
    func namesTheWrongValueAndItsPlace(text: String, sentence: String) {
        let error = #expect(throws: YAMLProblem.self) { try read(text) }
        #expect(error?.description.hasSuffix(sentence) == true, "\(String(describing: error))")
    }

    @Test func aValueOfAHeaderIsNeverShown() throws {
        let settings = try ConfigurationSettings(
            text: "remote: {headers: [{name: Authorization, value: Bearer abc}]}", name: "s.yaml")
        #expect(!settings.effectiveText().contains("abc"))
        let configuration = try ServerConfiguration(settings)
        #expect(!String(reflecting: configuration).contains("abc"))
    }

    @Test func audioInTheClearIsWarnedOf() throws {
        let far = try read("bot: {kind: websocket}\nremote: {url: 'ws://bot.example.com:80/x'}")
        #expect(far.warnings.count == 1)
        for host in ["127.0.0.1:8765", "localhost", "[::1]:1/x"] {
            let near = try read("bot: {kind: websocket}\nremote: {url: 'ws://\(host)'}")
            #expect(near.warnings == [])
        }
    }
}
