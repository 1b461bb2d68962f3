// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import Operations
import StrictYAML
import Testing

/// Settings of Webex Contact Center.
@Suite struct WebexConfigurationTests {
    private static let read = ServerConfigurationTests.read

    @Test func theDefaultsAreThoseOfTheTable() {
        let webex = ServerConfiguration.default.webex
        #expect(webex.isEnabled && webex.port == 8086 && webex.answerMode == .chunk)
        #expect(webex.virtualAgents.map(\.id) == ["sidetone"])
        #expect(webex.virtualAgents.map(\.script) == [nil])
        #expect(webex.dataSourceURL == nil && webex.audience == nil && webex.subject == nil)
        #expect(webex.issuers.count == 6)
        #expect(webex.issuers.allSatisfy { $0.hasPrefix("https://idbroker") })
        #expect(webex.clientCA == nil && webex.clientSubject == nil && webex.pingPath == nil)
        #expect(webex.idleTimeout == .seconds(600))
    }

    @Test func readsEveryKey() throws {
        try ServerConfigurationTests.withFolder { folder in
            for name in ["cert.pem", "key.pem", "ca.pem", "sales.yaml"] {
                try Data("x".utf8).write(to: folder.appending(path: name))
            }
            let file = folder.appending(path: "s.yaml")
            let text = """
                server: {tls_certificate: cert.pem, tls_private_key: key.pem}
                webex:
                  port: 0
                  answer_mode: wav
                  virtual_agents: [{id: sales, name: Sales, script: sales.yaml}, {id: b, name: B c}]
                  data_source_url: "https://example.com:443"
                  schema_uuid: 00000000-0000-0000-0000-00000000000a
                  forking_schema_uuid: 00000000-0000-0000-0000-00000000000B
                  audience: us
                  subject: them
                  issuers: [https://issuer.example]
                  client_ca: ca.pem
                  client_subject: "CN=*.example.com, O=Example, Inc."
                  idle_seconds: 5
                  ping_path: /ping
                """
            try Data(text.utf8).write(to: file)
            let webex = try ServerConfiguration(ConfigurationSettings(file: file.path)).webex
            #expect(webex.port == 0 && webex.answerMode == .wav)
            #expect(
                webex.virtualAgents.map(\.script)
                    == [folder.appending(path: "sales.yaml").path, nil])
            #expect(webex.virtualAgents.map(\.name) == ["Sales", "B c"])
            #expect(webex.dataSourceURL == "https://example.com:443")
            #expect(webex.forkingSchemaUUID == "00000000-0000-0000-0000-00000000000B")
            #expect(webex.audience == "us" && webex.subject == "them")
            #expect(webex.issuers == ["https://issuer.example"])
            #expect(webex.clientCA == folder.appending(path: "ca.pem").path)
            #expect(webex.clientSubject == "CN=*.example.com, O=Example, Inc.")
            #expect(webex.idleTimeout == .seconds(5) && webex.pingPath == "/ping")
        }
    }

    @Test(arguments: [
        ("{virtual_agents: []}", "webex.virtual_agents: needs at least one virtual agent"),
        ("{virtual_agents: [{id: a}]}", "webex.virtual_agents[0]: the key 'name' is missing"),
        (
            "{virtual_agents: [{id: a, name: A}, {id: a, name: B}]}",
            "webex.virtual_agents[1].id: the same id is given twice"
        ),
        (
            "{virtual_agents: [{id: a, name: A, scrip: b}]}",
            "webex.virtual_agents[0].scrip: unknown key; did you mean 'script'?"
        ),
        ("{schema_uuid: 5397013b}", "webex.schema_uuid: '5397013b' is no UUID"),
        (
            "{issuers: [http://issuer.example]}",
            "webex.issuers[0]: an issuer begins with https:// and does not end with /"
        ),
        ("{issuers: []}", "webex.issuers: needs at least one issuer"),
        ("{answer_mode: mp3}", "webex.answer_mode: 'mp3' is none of chunk, wav"),
        ("{port: 8080}", "webex.port: server.port is 8080 as well"),
        (
            "{ping_path: /cxone}",
            "webex.ping_path: webex.ping_path and cxone.path are both '/cxone'"
        ),
        (
            "{client_subject: CN=a}", "webex.client_subject: needs webex.client_ca beside it"
        ),
        (
            "{client_subject: \"CN=*.com\"}",
            "webex.client_subject: 'CN=*.com' is not CN=name or CN=*.domain, "
                + "with or without , O=organization"
        ),
    ])
    func namesTheWrongValueAndItsPlace(text: String, sentence: String) {
        let error = #expect(throws: YAMLProblem.self) { try Self.read("webex: \(text)", [:]) }
        #expect(error?.description == "s.yaml:1: " + sentence)
    }

    @Test func clientCertificatesNeedTLS() throws {
        try ServerConfigurationTests.withFolder { folder in
            let path = folder.appending(path: "ca.pem").path
            try Data("x".utf8).write(to: URL(filePath: path))
            let error = #expect(throws: YAMLProblem.self) {
                try Self.read("webex: {client_ca: \(path)}", [:])
            }
            #expect(
                error?.description
                    == "s.yaml:1: webex.client_ca: needs server.tls_certificate beside it")
        }
    }

    @Test func agentsAndIssuersAreShownInFull() throws {
        let settings = try ConfigurationSettings(
            text: nil, name: "",
            environment: ["SIDETONE_WEBEX_VIRTUAL_AGENTS": "[{id: a, name: \"A b\"}]"])
        let lines = settings.effectiveText().split(separator: "\n").map(String.init)
        #expect(lines.contains("  virtual_agents: [{id: a, name: \"A b\"}]  # environment"))
        #expect(lines.contains { $0.hasPrefix("  issuers: [\"https://idbroker.webex.com/idb\"") })
    }

    @Test func aServerWithTokensIsNotWarnedOf() throws {
        let text = """
            server: {host: 0.0.0.0}
            genesys: {enabled: false}
            cxone: {enabled: false}
            webex: {data_source_url: https://bots.example.com}
            """
        #expect(
            try Self.read(text, [:]).warnings
                == ["server.tls_certificate is not set: Webex connects to gRPC over TLS only"])
    }
}
