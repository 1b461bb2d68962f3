// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
public import Logging
internal import MediaEngine
public import MediaServer
internal import NIOHTTP1

/// Gives every call a conversation of its own with a bot behind a WebSocket.
///
/// The bot hears everything the caller says, from the first sample on.
public struct WebSocketBotProvider: BotProvider {
    private let setup: RemoteBotSetup

    /// - Parameters:
    ///   - audio: how the bot listens, and speaks unless its `ready` says otherwise: `pcm16` or
    ///     `opus` at 8, 16, 24 or 48 kHz.
    ///   - counters: what all conversations come to.
    /// - Precondition: the policy's window is at most 50 s: the call's queue takes no more.
    public init(
        to target: BotTarget, audio: WireAudio, policy: RemoteBotPolicy = RemoteBotPolicy(),
        counters: RemoteBotCounters = RemoteBotCounters(), logger: Logger
    ) {
        precondition(policy.window <= .milliseconds(50_000), "A window is at most 50 s")
        precondition(
            WireAudio.rates.contains(audio.rate.hertz)
                && [.pcm16, .opus].contains(audio.encoding),
            "A bot hears PCM16 or Opus at 8, 16, 24 or 48 kHz")
        var target = target
        target.headers.replaceOrAdd(
            name: "Sec-WebSocket-Protocol", value: BotProtocol.subprotocol)
        setup = RemoteBotSetup(
            target: target, policy: policy, input: audio, output: audio, holdLimit: policy.window,
            counters: counters, logger: logger)
    }

    public func makeBot(for call: CallInfo) -> BotSetup? {
        let session = (0..<2).map { _ in
            String(UInt64.random(in: .min ... .max), radix: 16)
        }.joined(separator: "-")
        let exchange = WebSocketExchange(
            session: session, input: setup.input, output: setup.output, policy: setup.policy,
            counters: setup.counters)
        guard let bot = try? RemoteBot(exchange, setup) else { return nil }
        return BotSetup(
            connector: bot, rate: setup.input.rate, delivery: .continuous,
            byteCount: setup.byteCount)
    }
}
