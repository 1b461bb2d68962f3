// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaEngine
internal import MediaServer

/// A bot for streams that can only be heard: the engine's turns are counted and logged, and the
/// call goes on until the platform ends it. A script would take its own silence for the caller's.
final class ListeningBot: BotConnector {
    func callStarted(_ session: CallSession) {}
    func receive(_ audio: borrowing LinearAudio) {}
    func handle(_ event: CallEvent) {}
    func callEnded(_ reason: CallEndReason) {}
}
