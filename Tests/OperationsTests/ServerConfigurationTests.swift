// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import Logging
import Operations
import StrictYAML
import Testing

/// Values of the configuration: each is read as what it is, and a wrong one is named with its place.
@Suite struct ServerConfigurationTests {
    static func read(
        _ text: String, environment: [String: String] = [:]
    ) throws -> ServerConfiguration {
        try ServerConfiguration(
            ConfigurationSettings(text: text, name: "s.yaml", environment: environment))
    }

    /// Calls `body` with a new folder that is gone afterwards.
    static func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "sidetone-tests-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    @Test func theDefaultsAreThoseOfTheTable() {
        let configuration = ServerConfiguration.default
        #expect(configuration.server.host == "127.0.0.1")
        #expect(configuration.server.tls == nil && configuration.server.shards == nil)
        #expect(configuration.server.logLevel == .info)
        #expect(configuration.server.drainDeadline == .seconds(30))
        #expect(configuration.genesys.apiKeys == [])
        #expect(configuration.cxone.gracePeriod == .seconds(600))
        #expect(configuration.bot.kind == .scripted && configuration.bot.script == nil)
        #expect(configuration.bot.endpointProfile == .responsive)
        #expect(configuration.bot.allowsBargeIn)
        #expect(configuration.warnings == [])
    }

    @Test func readsEveryKind() throws {
        let configuration = try Self.read(
            """
            server: {host: 0.0.0.0, port: 0, shards: 4, max_calls: 10, log_level: trace,
                     drain_seconds: 0}
            genesys: {enabled: false, connector_path: /g, monitor_path: /m-1.x~_,
                      api_keys: [{key: "YWJj+/_-==", secret: c2VjcmV0}]}
            cxone: {enabled: true, path: /c, token: t, grace_seconds: 5, webhook_path: /w,
                    webhook_authorization: Basic x}
            bot: {kind: echo, endpoint_profile: patient, barge_in: false}
            """)
        #expect(configuration.server.shards == 4)
        #expect(configuration.server.logLevel == .trace)
        #expect(configuration.server.drainDeadline == .zero)
        #expect(!configuration.genesys.isEnabled)
        #expect(configuration.genesys.apiKeys.first?.secret?.revealed == "c2VjcmV0")
        #expect(configuration.cxone.webhookAuthorization?.revealed == "Basic x")
        #expect(configuration.bot.kind == .echo)
        #expect(configuration.bot.endpointProfile == .patient)
        #expect(!configuration.bot.allowsBargeIn)
    }

    @Test(arguments: [
        ("server: {port: 65536}", "server.port: 65536 is not within 0 to 65535"),
        ("server: {port: \"80 \"}", "server.port: expected a whole number, found '80 '"),
        ("server: {host: }", "server.host: has no value"),
        (
            "server: {log_level: loud}",
            "server.log_level: 'loud' is none of "
                + "trace, debug, info, notice, warning, error, critical"
        ),
        ("server: {max_calls: 0}", "server.max_calls: 0 is not within 1 to 100000"),
        ("genesys: {enabled: on}", "genesys.enabled: expected true or false, found 'on'"),
        (
            "cxone: {path: cxone}",
            "cxone.path: 'cxone' is no request path: "
                + "it begins with / and has letters, digits, - _ . ~"
        ),
        (
            "cxone: {path: \"/a?b\"}",
            "cxone.path: '/a?b' is no request path: "
                + "it begins with / and has letters, digits, - _ . ~"
        ),
        (
            "cxone: {path: /genesys/monitor}",
            "cxone.path: cxone.path and genesys.monitor_path are both '/genesys/monitor'"
        ),
        ("cxone: {token: []}", "cxone.token: expected a secret, env:NAME or file:PATH"),
        ("cxone: {token: env:NONE}", "cxone.token: the environment variable 'NONE' is not set"),
        ("cxone: {token: file:none.txt}", "cxone.token: the file 'none.txt' cannot be read"),
        (
            "genesys: {api_keys: hush}",
            "genesys.api_keys: expected a list of mappings with 'key' and 'secret'"
        ),
        (
            "genesys: {api_keys: [hush]}",
            "genesys.api_keys[0]: expected a mapping with 'key' and 'secret'"
        ),
        ("genesys: {api_keys: [{secret: aA==}]}", "genesys.api_keys[0]: the key 'key' is missing"),
        (
            "genesys: {api_keys: [{key: \"a b\"}]}",
            "genesys.api_keys[0].key: a key has letters, digits and + / _ -, then at most two ="
        ),
        (
            "genesys: {api_keys: [{key: a}, {key: a}]}",
            "genesys.api_keys[1].key: the same key is given twice"
        ),
        (
            "genesys: {api_keys: [{key: a, secret: \"!\"}]}",
            "genesys.api_keys[0].secret: the secret is not base64"
        ),
        (
            "bot: {kind: parrot}",
            "bot.kind: 'parrot' is none of scripted, echo, websocket, openai-realtime"
        ),
    ])
    func namesTheWrongValueAndItsPlace(text: String, sentence: String) {
        let error = #expect(throws: YAMLProblem.self) { try Self.read(text) }
        #expect(error?.description == "s.yaml:1: " + sentence)
    }

    @Test func aWrongValueOfTheEnvironmentIsNamedByItsVariable() {
        let error = #expect(throws: YAMLProblem.self) {
            try ServerConfiguration(
                ConfigurationSettings(
                    text: nil, name: "", environment: ["SIDETONE_SERVER_PORT": "http"]))
        }
        #expect(
            error?.description == "SIDETONE_SERVER_PORT: expected a whole number, found 'http'")
    }

    @Test func filesAreRelativeToTheFileThatNamesThem() throws {
        try Self.withFolder { folder in
            for name in ["cert.pem", "key.pem", "bot.yaml"] {
                try Data("x".utf8).write(to: folder.appending(path: name))
            }
            try Data("hush\n".utf8).write(to: folder.appending(path: "token"))
            let file = folder.appending(path: "s.yaml")
            let text = """
                server: {tls_certificate: cert.pem, tls_private_key: key.pem}
                cxone: {token: "file:token"}
                bot: {script: bot.yaml}
                """
            try Data(text.utf8).write(to: file)
            let configuration = try ServerConfiguration(ConfigurationSettings(file: file.path))
            #expect(
                configuration.server.tls
                    == ServerConfiguration.TLS(
                        certificate: folder.appending(path: "cert.pem").path,
                        privateKey: folder.appending(path: "key.pem").path))
            #expect(configuration.bot.script == folder.appending(path: "bot.yaml").path)
            #expect(configuration.cxone.token?.revealed == "hush")
        }
    }

    @Test func aCertificateNeedsItsKey() throws {
        try Self.withFolder { folder in
            try Data("x".utf8).write(to: folder.appending(path: "cert.pem"))
            let path = folder.appending(path: "cert.pem").path
            for (given, missing) in [
                ("tls_certificate", "tls_private_key"), ("tls_private_key", "tls_certificate"),
            ] {
                let error = #expect(throws: YAMLProblem.self) {
                    try Self.read("server: {\(given): \(path)}")
                }
                #expect(
                    error?.description
                        == "s.yaml:1: server.\(given): needs server.\(missing) beside it")
            }
        }
    }

    @Test func aMissingFileIsAnError() {
        let error = #expect(throws: YAMLProblem.self) { try Self.read("bot: {script: none.yaml}") }
        #expect(error?.message.hasPrefix("there is no file 'none.yaml' to read") == true)
    }

    @Test func secretsComeFromTheEnvironment() throws {
        let configuration = try Self.read(
            "genesys: {api_keys: [{key: a, secret: env:S}]}\ncxone: {token: env:T}",
            environment: ["S": "c2VjcmV0", "T": "hush"])
        #expect(configuration.genesys.apiKeys.first?.secret?.revealed == "c2VjcmV0")
        #expect(configuration.cxone.token?.revealed == "hush")
    }

    @Test func secretsDoNotPrint() throws {
        let configuration = try Self.read(
            "genesys: {api_keys: [{key: hush, secret: aHVzaA==}]}\ncxone: {token: hush}")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hush") && !text.contains("aHVzaA"))
            #expect(text.contains("127.0.0.1"))
        }
    }

    @Test(arguments: [
        (
            "server: {host: 0.0.0.0}",
            [
                "genesys.api_keys is empty: whoever reaches 0.0.0.0 may place calls",
                "cxone.token is not set: whoever reaches 0.0.0.0 may send audio",
                "cxone.webhook_authorization is not set: whoever reaches 0.0.0.0 may post",
                "webex.data_source_url is not set: whoever reaches 0.0.0.0 may place calls",
                "server.tls_certificate is not set: Webex connects to gRPC over TLS only",
            ]
        ),
        (
            "genesys: {enabled: false}\ncxone: {enabled: false}\nwebex: {enabled: false}",
            ["no platform is enabled: the server will take no call"]
        ),
        ("server: {host: localhost}", []),
    ])
    func warnsOfWhatIsSeldomMeant(text: String, warnings: [String]) throws {
        #expect(try Self.read(text).warnings == warnings)
    }

    @Test(arguments: [Logger.Level.trace, .info, .critical])
    func theLogHandlerHasTheConfiguredLevel(level: Logger.Level) {
        let handler = StandardErrorLog.handler(label: "test", level: level)
        #expect(handler.logLevel == level)
    }
}
