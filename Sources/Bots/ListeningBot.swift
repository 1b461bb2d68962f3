// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaEngine
internal import MediaServer

/// A bot for streams that can only be heard: the engine's turns are counted and logged, and the
/// call goes on until the platform ends it. A script would take its own silence for the caller's.
///
/// It has an answer to nothing, and says so each time.
final class ListeningBot: BotConnector {
    private var session: CallSession?

    func callStarted(_ session: CallSession) {
        self.session = session
        session.listen()
    }

    func receive(_ audio: borrowing LinearAudio) {}

    func handle(_ event: CallEvent) {
        if case .turnEnded = event { session?.listen() }
    }

    func handle(_ input: PlatformInput) {
        session?.listen()
    }

    func callEnded(_ reason: CallEndReason) {
        session = nil
    }
}
