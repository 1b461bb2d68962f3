// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Operations
import StrictYAML
import Testing

/// Layers of settings: who wins, and what is refused by its name.
@Suite struct ConfigurationSettingsTests {
    typealias Flag = ConfigurationSettings.Flag

    static func settings(
        _ text: String? = nil, environment: [String: String] = [:], flags: [Flag] = []
    ) throws -> ConfigurationSettings {
        try ConfigurationSettings(
            text: text, name: "s.yaml", environment: environment, flags: flags)
    }

    static func port(
        _ text: String? = nil, environment: [String: String] = [:], flags: [Flag] = []
    ) throws -> Int {
        try ServerConfiguration(settings(text, environment: environment, flags: flags)).server.port
    }

    @Test func aFlagGoesOverTheEnvironmentOverTheFileOverTheDefault() throws {
        let file = "server:\n  port: 1001"
        let environment = ["SIDETONE_SERVER_PORT": "1002"]
        #expect(try Self.port() == 8080)
        #expect(try Self.port(file) == 1001)
        #expect(try Self.port(file, environment: environment) == 1002)
        #expect(
            try Self.port(file, environment: environment, flags: [Flag("--port", "1003")]) == 1003)
        #expect(try Self.port(flags: [Flag("--port", "1"), Flag(set: "server.port=2")]) == 2)
    }

    @Test func rememberWhereEachValueComesFrom() throws {
        let settings = try Self.settings(
            "# A comment.\nserver:\n  max_calls: 7\n  port: 1001\n  host: localhost",
            environment: ["SIDETONE_SERVER_HOST": "::1"], flags: [Flag("--port", "1002")])
        func source(_ name: String) throws -> ConfigurationSettings.Source? {
            settings.source(of: try #require(ConfigurationKey.named(name)))
        }
        #expect(try source("server.max_calls") == .file(line: 3))
        #expect(try source("server.host") == .environment)
        #expect(try source("server.port") == .flag("--port"))
        #expect(try source("server.shards") == .builtIn)
        #expect(try source("cxone.token") == nil)
    }

    @Test(arguments: [
        ("servr:\n  port: 1", "s.yaml:1: servr: unknown key; did you mean 'server'?"),
        ("server:\n  prot: 1", "s.yaml:2: server.prot: unknown key; did you mean 'port'?"),
        (
            "genesys:\n  enabled: true\n  api_key: x",
            "s.yaml:3: genesys.api_key: unknown key; did you mean 'api_keys'?"
        ),
        ("server: 8080", "s.yaml:1: server: expected a mapping of keys, found '8080'"),
        ("", "s.yaml: the file is empty"),
    ])
    func anUnknownKeyOfTheFileIsAnError(text: String, sentence: String) {
        let error = #expect(throws: YAMLProblem.self) { try Self.settings(text) }
        #expect(error?.description == sentence)
    }

    @Test func anUnknownVariableOfOurSectionsIsAnError() {
        let error = #expect(throws: YAMLProblem.self) {
            try Self.settings(environment: ["SIDETONE_SERVER_PROT": "1"])
        }
        #expect(
            error?.description
                == "environment: 'SIDETONE_SERVER_PROT' is no configuration key; "
                + "did you mean 'SIDETONE_SERVER_PORT'?")
    }

    @Test func variablesOfOthersAreLeftAlone() throws {
        // Kubernetes sets the first two for a service that is called sidetone.
        _ = try Self.settings(environment: [
            "SIDETONE_PORT": "tcp://10.0.0.7:8080", "SIDETONE_SERVICE_HOST": "10.0.0.7",
            "PATH": "", "SERVER_PORT": "1",
        ])
    }

    @Test(arguments: [
        (
            "server.prot=1",
            "--set: 'server.prot' is no configuration key; did you mean 'server.port'?"
        ),
        (
            "elephant=1",
            "--set: 'elephant' is no configuration key; docs/configuration.md lists all"
        ),
        ("server.port", "--set: expected KEY=VALUE, found 'server.port'"),
    ])
    func setRefusesWhatIsNoKeyAndValue(argument: String, sentence: String) {
        let error = #expect(throws: YAMLProblem.self) { try Flag(set: argument) }
        #expect(error?.description == sentence)
    }

    @Test func setTakesTheValueAsItIs() throws {
        let settings = try Self.settings(flags: [Flag(set: "cxone.token=a=b: # c")])
        #expect(try ServerConfiguration(settings).cxone.token?.revealed == "a=b: # c")
    }

    @Test func aListFromTheEnvironmentIsWrittenAsYAML() throws {
        let settings = try Self.settings(environment: [
            "SIDETONE_GENESYS_API_KEYS": "[{key: one}, {key: two, secret: c2VjcmV0}]"
        ])
        let keys = try ServerConfiguration(settings).genesys.apiKeys
        #expect(keys.map(\.key.revealed) == ["one", "two"])
        #expect(keys.map(\.secret?.revealed) == [nil, "c2VjcmV0"])
    }

    @Test func aFileThatCannotBeReadIsNamed() {
        let error = #expect(throws: YAMLProblem.self) {
            try ConfigurationSettings(file: "no/such/file.yaml")
        }
        #expect(
            error?.description
                == "no/such/file.yaml: the configuration cannot be read as UTF-8 text")
    }

    @Test func theEffectiveTextShowsSourcesAndNoSecret() throws {
        let text = try Self.settings(
            """
            server: {host: "::", port: 9000}
            genesys: {api_keys: [{key: hidden-key, secret: aGlkZGVu}, {key: env:KEY}]}
            cxone: {token: "hidden token"}
            """,
            environment: ["KEY": "hidden", "SIDETONE_CXONE_WEBHOOK_AUTHORIZATION": "env:KEY"],
            flags: [Flag(set: "server.log_level=debug"), Flag(set: "bot.script=a \"b\"\n")]
        ).effectiveText()
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.contains("  host: \"::\"  # file, line 1"))
        #expect(lines.contains("  port: 9000  # file, line 1"))
        #expect(lines.contains("  # tls_certificate: not set"))
        #expect(lines.contains("  shards: 0  # default"))
        #expect(lines.contains("  log_level: debug  # --set server.log_level"))
        #expect(
            lines.contains(
                "  api_keys: [{key: (secret), secret: (secret)}, {key: \"env:KEY\"}]  # file, line 2"
            ))
        #expect(lines.contains("  token: (secret)  # file, line 3"))
        #expect(lines.contains("  webhook_authorization: \"env:KEY\"  # environment"))
        #expect(lines.contains("  script: \"a \\\"b\\\"\\x0a\"  # --set bot.script"))
        #expect(!text.contains("hidden") && !text.contains("aGlkZGVu"))
    }

    @Test func theEffectiveTextOfTheDefaultsIsAConfigurationFile() throws {
        let text = try Self.settings().effectiveText()
        #expect(try ServerConfiguration(Self.settings(text)) == .default)
    }
}
