// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// Both sides of a call on one timeline that starts with the call's media: the caller as sent, and
/// the bot as the platform played it. Mu-law inside, 16,000 bytes a second.
public struct CallRecording: Hashable, Sendable {
    package var caller: [UInt8]
    package var bot: [UInt8]

    package init(caller: [UInt8] = [], bot: [UInt8] = []) {
        self.caller = caller
        self.bot = bot
    }

    /// Samples of the longer side; the other is silent to that length.
    public var sampleCount: Int { max(caller.count, bot.count) }

    public var duration: MediaDuration { SampleRate.hz8000.duration(of: sampleCount) }

    /// The caller (CXone: the contact), 8 kHz.
    public var callerAudio: AudioClip { clip(caller) }

    /// What the caller heard of the bot (CXone: the agent), 8 kHz.
    public var botAudio: AudioClip { clip(bot) }

    /// Two channels, caller left and bot right, 16-bit: what a person opens in an editor.
    public var wav: WAVFile { WAVFile(channels: [callerAudio, botAudio]) }

    private func clip(_ codes: [UInt8]) -> AudioClip {
        let rest = repeatElement(Int16(0), count: sampleCount - codes.count)
        return AudioClip(rate: .hz8000, samples: MuLaw.decode(codes) + rest)
    }
}
