// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import StrictYAML
internal import WebexContactCenter

extension SettingsReader {
    func webex() throws(YAMLProblem) -> ServerConfiguration.Webex {
        let webex = ServerConfiguration.Webex(
            isEnabled: try boolean(.webexEnabled), port: try integer(.webexPort),
            answerMode: try named(.webexAnswerMode), virtualAgents: try virtualAgents(),
            dataSourceURL: try givenText(.webexDataSourceURL),
            schemaUUID: try uuid(.webexSchemaUUID),
            forkingSchemaUUID: try uuid(.webexForkingSchemaUUID),
            audience: try givenText(.webexAudience), subject: try givenText(.webexSubject),
            issuers: try issuers(), clientCA: try file(.webexClientCA),
            clientSubject: try givenText(.webexClientSubject),
            idleTimeout: try seconds(.webexIdleSeconds),
            pingPath: settings.value(of: .webexPingPath) == nil
                ? nil : try requestPath(.webexPingPath))
        if webex.clientCA != nil {
            try require(.tlsCertificate, beside: .webexClientCA)
        }
        if let subject = webex.clientSubject {
            do throws(WebexClientCertificateRule.ConfigurationError) {
                _ = try WebexClientCertificateRule(subject)
            } catch {
                throw try required(.webexClientSubject).problem(
                    "'\(subject)' is not CN=name or CN=*.domain, with or without , O=organization")
            }
            try require(.webexClientCA, beside: .webexClientSubject)
            try require(.webexDataSourceURL, beside: .webexClientSubject)
        }
        if webex.isEnabled, webex.port > 0, webex.port == (try integer(.port)) {
            throw try required(.webexPort).problem("server.port is \(webex.port) as well")
        }
        return webex
    }

    private func require(
        _ other: ConfigurationKey, beside key: ConfigurationKey
    ) throws(YAMLProblem) {
        guard settings.value(of: other) == nil else { return }
        throw try required(key).problem("needs \(other.name) beside it")
    }

    private func virtualAgents() throws(YAMLProblem) -> [ServerConfiguration.Webex.VirtualAgent] {
        let value = try required(.webexVirtualAgents)
        var agents: [ServerConfiguration.Webex.VirtualAgent] = []
        for item in try value.list() {
            let mapping = try item.mapping(of: ["id", "name", "script"])
            let idValue = try mapping.required("id")
            let id = try idValue.text()
            if agents.contains(where: { $0.id == id }) {
                throw idValue.problem("the same id is given twice")
            }
            agents.append(
                ServerConfiguration.Webex.VirtualAgent(
                    id: id, name: try mapping.required("name").text(),
                    script: try mapping["script"].map { value throws(YAMLProblem) in
                        try file(value, of: .webexVirtualAgents)
                    }))
        }
        if agents.isEmpty { throw value.problem("needs at least one virtual agent") }
        return agents
    }

    private func uuid(_ key: ConfigurationKey) throws(YAMLProblem) -> String {
        let value = try required(key)
        let text = try value.text()
        let isUUID =
            text.wholeMatch(of: /[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/) != nil
        guard isUUID else { throw value.problem("'\(text)' is no UUID") }
        return text
    }

    /// Keys are fetched from these addresses, so nothing but HTTPS will do.
    private func issuers() throws(YAMLProblem) -> [String] {
        let value = try required(.webexIssuers)
        var issuers: [String] = []
        for item in try value.list() {
            let issuer = try item.text()
            guard issuer.hasPrefix("https://"), !issuer.hasSuffix("/") else {
                throw item.problem("an issuer begins with https:// and does not end with /")
            }
            issuers.append(issuer)
        }
        if issuers.isEmpty { throw value.problem("needs at least one issuer") }
        return issuers
    }
}
