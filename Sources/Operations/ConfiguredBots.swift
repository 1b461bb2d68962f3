// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Bots
internal import Foundation
internal import Logging
internal import MediaServer
internal import WebSocketBots

/// The bots that a configuration names: one for every call, and those that a Webex flow may choose
/// instead of it.
struct ConfiguredBots: BotProvider {
    private let usual: any BotProvider
    /// By the id of the virtual agent.
    private let agents: [String: any BotProvider]
    /// What conversations with bots that run elsewhere came to.
    let counters = RemoteBotCounters()

    /// Reads the scripts and their prompts, each once.
    /// - Throws: what is wrong with them, in words for the operator.
    init(_ configuration: ServerConfiguration, logger: Logger) throws {
        let bot = configuration.bot
        var providers: [URL: any BotProvider] = [:]
        func provider(_ path: String?) throws -> any BotProvider {
            let url = path.map { URL(filePath: $0) } ?? Script.defaultURL
            if let known = providers[url] { return known }
            let script = try Script(contentsOf: url)
            let provider = ScriptedBotProvider(
                script: script, prompts: try PromptLibrary(script: script),
                bargeInIsEnabled: bot.allowsBargeIn)
            providers[url] = provider
            return provider
        }
        switch bot.kind {
        case .echo: usual = EchoBotProvider()
        case .scripted: usual = try provider(bot.script)
        case .websocket:
            usual = try configuration.remote.provider(counters: counters, logger: logger)
        case .openAIRealtime:
            usual = try configuration.remote.provider(
                for: configuration.realtime, counters: counters, logger: logger)
        }
        var agents: [String: any BotProvider] = [:]
        if configuration.webex.isEnabled {
            for agent in configuration.webex.virtualAgents {
                guard let script = agent.script else { continue }
                agents[agent.id] = try provider(script)
            }
        }
        self.agents = agents
    }

    func makeBot(for call: CallInfo) -> BotSetup? {
        // Other platforms name bots too, by names of their own.
        let agent = call.key.platform == "webex" ? call.bot.flatMap { agents[$0] } : nil
        return (agent ?? usual).makeBot(for: call)
    }
}
