// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
public import Logging
internal import MediaEngine
public import MediaServer
internal import NIOHTTP1

/// Gives every call a conversation of its own with OpenAI's Realtime interface.
public struct RealtimeBotProvider: BotProvider {
    private let setup: RemoteBotSetup
    private let options: RealtimeOptions

    /// - Parameters:
    ///   - target: with the model in its query; the key goes into the headers.
    ///   - key: the bearer key; nil sends none.
    ///   - counters: what all conversations come to.
    public init(
        to target: BotTarget, key: String?, options: RealtimeOptions = RealtimeOptions(),
        policy: RemoteBotPolicy = RemoteBotPolicy(),
        counters: RemoteBotCounters = RemoteBotCounters(), logger: Logger
    ) {
        var target = target
        if let key { target.headers.replaceOrAdd(name: "Authorization", value: "Bearer \(key)") }
        for (name, value) in options.dialect.headers {
            target.headers.replaceOrAdd(name: name, value: value)
        }
        var policy = policy
        // Output comes faster than it is heard, in messages of unknown size.
        policy.maximumMessageBytes = 8 * 1024 * 1024
        self.options = options
        let form = RealtimeExchange(options, policy: policy, counters: counters).input
        setup = RemoteBotSetup(
            target: target, policy: policy, input: form, output: form,
            holdLimit: .milliseconds(240_000), counters: counters, logger: logger)
    }

    public func makeBot(for call: CallInfo) -> BotSetup? {
        let exchange = RealtimeExchange(
            options, policy: setup.policy, counters: setup.counters)
        guard let bot = try? RemoteBot(exchange, setup) else { return nil }
        return BotSetup(
            connector: bot, rate: setup.input.rate, delivery: .continuous,
            byteCount: setup.byteCount)
    }
}
