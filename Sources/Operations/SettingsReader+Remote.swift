// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import StrictYAML
internal import WebSocketTransport

extension SettingsReader {
    func remote(
        for kind: ServerConfiguration.Bot.Kind
    ) throws(YAMLProblem) -> ServerConfiguration.Remote {
        let url = try webSocketURL(.remoteURL)
        if kind == .websocket, url == nil {
            throw try required(.botKind).problem("'websocket' needs remote.url")
        }
        return ServerConfiguration.Remote(
            url: url, headers: try headers(.remoteHeaders),
            authorities: try file(.remoteAuthorities), encoding: try named(.remoteEncoding),
            rate: try rate(),
            answerTimeout: .milliseconds(Int64(try integer(.remoteAnswer))),
            reconnects: try integer(.remoteReconnects),
            window: .milliseconds(Int64(try integer(.remoteWindow))),
            apology: try file(.remoteApology), transfer: try givenText(.remoteTransfer))
    }

    func realtime() throws(YAMLProblem) -> ServerConfiguration.Realtime {
        ServerConfiguration.Realtime(
            url: try webSocketURL(.realtimeURL) ?? "", model: try text(.realtimeModel),
            apiKey: try secret(.realtimeKey), dialect: try named(.realtimeDialect),
            voice: try text(.realtimeVoice), instructions: try givenText(.realtimeInstructions),
            turnDetection: try named(.realtimeTurnDetection), audio: try named(.realtimeAudio),
            greets: try boolean(.realtimeGreets))
    }

    private func rate() throws(YAMLProblem) -> Int {
        guard case .name(let names) = ConfigurationKey.remoteRate.kind,
            let rate = Int(try required(.remoteRate).name(among: names))
        else { fatalError("remote.rate is no name") }
        return rate
    }

    private func webSocketURL(_ key: ConfigurationKey) throws(YAMLProblem) -> String? {
        guard let text = try givenText(key) else { return nil }
        do throws(WebSocketClientError) {
            _ = try WebSocketURL(text)
        } catch {
            guard case .invalidURL(let why) = error else { return text }
            throw try required(key).problem(why)
        }
        return text
    }

    /// No message repeats a value: it may be a secret.
    func headers(
        _ key: ConfigurationKey
    ) throws(YAMLProblem) -> [ServerConfiguration.Remote.Header] {
        let value = try required(key)
        guard case .list(let items) = value.content else {
            throw value.problem("expected a list of mappings with 'name' and 'value'")
        }
        var headers: [ServerConfiguration.Remote.Header] = []
        for item in items {
            guard case .mapping = item.content else {
                throw item.problem("expected a mapping with 'name' and 'value'")
            }
            let mapping = try item.mapping(of: ["name", "value"])
            let name = try mapping.required("name").text()
            guard name.wholeMatch(of: /[A-Za-z0-9!#$%&'*+.^_`|~-]+/) != nil else {
                throw try mapping.required("name").problem("'\(name)' is no name of a header")
            }
            let content = try secret(mapping.required("value"))
            guard content.revealed.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                throw try mapping.required("value").problem("a header is visible ASCII")
            }
            headers.append(.init(name: name, value: content))
        }
        return headers
    }
}
