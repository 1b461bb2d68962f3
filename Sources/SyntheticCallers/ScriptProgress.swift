// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore

/// How far a call is in its script: which step is next and from when it counts.
package struct ScriptProgress: Sendable {
    /// A step that is due, with what made it so.
    package struct Due: Sendable {
        package let action: CallerScript.Action
        /// The exact instant, at or before the time it is asked for.
        package let at: MediaInstant
        /// The bot was waited for in vain.
        package let lostPatience: Bool
    }

    private let script: CallerScript
    private let origin: MediaInstant
    private var next = 0
    /// The previous step was over then.
    private var over: MediaInstant
    /// Bot audio that began before this belongs to an earlier step.
    private var listensFrom: MediaInstant

    package init(_ script: CallerScript, origin: MediaInstant) {
        self.script = script
        self.origin = origin
        over = origin
        listensFrom = origin
    }

    package var isFinished: Bool { next >= script.steps.count }

    /// When the next step begins by what is known now; nil after the last step.
    ///
    /// - Parameter playback: what the caller hears; nil where the platform plays nothing.
    package func instant(hearing playback: PlaybackBuffer?) -> MediaInstant? {
        guard !isFinished else { return nil }
        return trigger(hearing: playback).at
    }

    private func trigger(hearing playback: PlaybackBuffer?) -> (at: MediaInstant, vain: Bool) {
        switch script.steps[next].trigger {
        case .at(let position): return (max(origin + position, over), false)
        case .after(let pause): return (over + pause, false)
        case .afterBot(let quiet):
            guard let playback else { return (over + quiet, false) }
            guard let last = answers(in: playback).last?.lastSound else {
                return (over + script.patience, true)
            }
            return (max(playback.instant(of: last) + quiet, over), false)
        case .intoBot(let delay):
            guard let playback else { return (over + delay, false) }
            guard let first = answers(in: playback).first?.firstSound else {
                return (over + script.patience, true)
            }
            return (max(playback.instant(of: first) + delay, over), false)
        }
    }

    private func answers(in playback: PlaybackBuffer) -> some BidirectionalCollection<
        PlaybackBuffer.Response
    > {
        playback.responses.lazy.filter { [listensFrom] in
            $0.arrived >= listensFrom && $0.firstSound != nil
        }
    }

    /// Takes the next step when it is due at `now`. The step must then be told to be over.
    package mutating func take(
        by now: MediaInstant, hearing playback: PlaybackBuffer?
    ) -> Due? {
        guard !isFinished else { return nil }
        let (at, vain) = trigger(hearing: playback)
        guard at <= now else { return nil }
        defer {
            next += 1
            if next == script.steps.count, script.repeats { next = 0 }
        }
        return Due(action: script.steps[next].action, at: at, lostPatience: vain)
    }

    /// The step just taken lasts until `end`; what the bot says from `listensFrom` on answers it.
    package mutating func finish(at end: MediaInstant, listensFrom: MediaInstant) {
        over = end
        self.listensFrom = listensFrom
    }
}
