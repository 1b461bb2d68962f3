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
    /// Carries the call. When it returns the call is ended; when it throws, the call is ended as
    /// failed. The task is cancelled when the caller hangs up.
    func run(_ call: VoiceCall) async throws
}
