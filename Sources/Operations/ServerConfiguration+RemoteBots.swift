// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Bots
internal import Foundation
internal import Logging
internal import MediaServer
internal import NIOHTTP1
internal import WebSocketBots
internal import WebSocketTransport

extension ServerConfiguration.Remote {
    /// A bot behind ``url`` for every call. Reads authorities and apology.
    func provider(counters: RemoteBotCounters, logger: Logger) throws -> any BotProvider {
        let encoding: WireAudio.Encoding =
            switch encoding {
            case .pcm16: .pcm16
            case .opus: .opus
            }
        return WebSocketBotProvider(
            to: try target(url ?? ""),
            audio: WireAudio(encoding, rate: SampleRate(hertz: rate)), policy: try policy(),
            counters: counters, logger: logger)
    }

    /// A conversation with a model for every call.
    func provider(
        for realtime: ServerConfiguration.Realtime, counters: RemoteBotCounters, logger: Logger
    ) throws -> any BotProvider {
        var options = RealtimeOptions()
        options.dialect = realtime.dialect == .ga ? .ga : .beta
        options.voice = realtime.voice
        options.instructions = realtime.instructions ?? ""
        options.turnDetection = .init(rawValue: realtime.turnDetection.rawValue) ?? .serverVAD
        options.encoding = .init(rawValue: realtime.audio.rawValue) ?? .pcmu
        options.greets = realtime.greets
        let model =
            realtime.model.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
            ?? realtime.model
        let separator = realtime.url.contains("?") ? "&" : "?"
        return RealtimeBotProvider(
            to: try target("\(realtime.url)\(separator)model=\(model)"),
            key: realtime.apiKey?.revealed, options: options, policy: try policy(),
            counters: counters, logger: logger)
    }

    func target(_ url: String) throws -> BotTarget {
        var fields = HTTPHeaders()
        for header in headers { fields.add(name: header.name, value: header.value.revealed) }
        let tls = try authorities.map { path in
            try ClientTLS(trust: .authorities(String(contentsOfFile: path, encoding: .utf8)))
        }
        return BotTarget(url: try WebSocketURL(url), headers: fields, tls: tls)
    }

    func policy() throws -> RemoteBotPolicy {
        var policy = RemoteBotPolicy()
        policy.answerTimeout = answerTimeout
        policy.reconnects = reconnects
        policy.window = window
        policy.apology = try apology.map { try PromptLibrary.clip(at: $0) }
        policy.transfer = transfer
        return policy
    }
}
