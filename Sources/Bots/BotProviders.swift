// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import MediaEngine
public import MediaServer

/// Gives every call the same script; where the platform takes no audio, a bot that listens.
public struct ScriptedBotProvider: BotProvider {
    private let script: Script
    private let prompts: PromptLibrary
    private let bargeInIsEnabled: Bool

    /// - Parameter bargeInIsEnabled: false plays every prompt to its end whatever the script says.
    public init(script: Script, prompts: PromptLibrary, bargeInIsEnabled: Bool = true) {
        self.script = script
        self.prompts = prompts
        self.bargeInIsEnabled = bargeInIsEnabled
    }

    public func makeBot(for call: CallInfo) -> BotSetup? {
        guard call.takesBotAudio else {
            return BotSetup(connector: ListeningBot(), rate: .hz8000)
        }
        return BotSetup(
            connector: ScriptedBot(
                script: script, prompts: prompts, bargeInIsEnabled: bargeInIsEnabled),
            rate: .hz8000)
    }
}

/// Gives every call an ``EchoBot``.
public struct EchoBotProvider: BotProvider {
    private let rate: SampleRate

    /// - Parameter rate: the rate at which the bots listen and speak.
    public init(rate: SampleRate = .hz16000) {
        self.rate = rate
    }

    public func makeBot(for call: CallInfo) -> BotSetup? {
        BotSetup(connector: EchoBot(rate: rate), rate: rate)
    }
}

/// Gives every call a ``VoiceBot`` of its own.
public struct VoiceBotProvider: BotProvider {
    private let rate: SampleRate
    private let bargeIn: BargeInPolicy?
    private let make: @Sendable (CallInfo) -> (any VoiceBot)?

    /// - Parameters:
    ///   - rate: the rate at which the bots listen.
    ///   - bargeIn: what an interruption takes and leads to; nil is as the server is configured.
    ///   - make: the bot for a call; nil refuses the call.
    public init(
        rate: SampleRate = .hz16000, bargeIn: BargeInPolicy? = nil,
        make: @escaping @Sendable (CallInfo) -> (any VoiceBot)?
    ) {
        self.rate = rate
        self.bargeIn = bargeIn
        self.make = make
    }

    public func makeBot(for call: CallInfo) -> BotSetup? {
        guard let bot = make(call) else { return nil }
        return BotSetup(
            connector: VoiceBotConnector(bot: bot, info: call, rate: rate), rate: rate,
            bargeIn: bargeIn, cleansAudio: bot.wantsCleanAudio)
    }
}
