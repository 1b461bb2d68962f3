// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A bot as a bridge author writes it: `async` code, one instance for each call.
///
/// ```swift
/// struct Greeter: VoiceBot {
///     let greeting: AudioClip
///
///     func run(_ call: VoiceCall) async throws {
///         try await call.play(greeting)
///         while let turn = await call.nextTurn() {
///             try await call.play(turn.audio)
///         }
///     }
/// }
/// ```
public protocol VoiceBot: Sendable {
    /// Whether the echo of the bot's own voice is taken out of the caller's audio before the bot is
    /// given it; nil, which is the default, leaves it to the server's configuration.
    ///
    /// A call with it costs the server as much as several without and counts as so many. Bots that
    /// listen only while they are silent have no use for it.
    var wantsCleanAudio: Bool? { get }

    /// Carries the call. When it returns the call is ended; when it throws, the call is ended as
    /// failed. The task is cancelled when the caller hangs up.
    func run(_ call: VoiceCall) async throws
}

extension VoiceBot {
    public var wantsCleanAudio: Bool? { nil }
}
