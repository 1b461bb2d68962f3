// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore

/// Somebody on the platform's side of a call: a voice that follows a script.
package struct CallParty: Sendable {
    package let actor: TimelineEvent.Actor
    package var voice: CallerVoice
    private var progress: ScriptProgress
    /// The utterance whose end of speech is still to come.
    private var speaking: CallLog.Utterance?

    package init(
        _ actor: TimelineEvent.Actor, script: CallerScript, origin: MediaInstant, phase: Int
    ) {
        self.actor = actor
        voice = CallerVoice(noise: script.noise, phase: phase)
        progress = ScriptProgress(script, origin: origin)
    }

    /// When the party has something to do, besides sending audio.
    package func deadline(timeline: PlaybackBuffer, hearing: Bool) -> MediaInstant? {
        let step = progress.instant(hearing: hearing ? timeline : nil)
        guard let speaking else { return step }
        let end = timeline.instant(of: speaking.end)
        return step.map { min($0, end) } ?? end
    }

    /// Does what is due by `now`: begins an utterance, notes the end of one. Returns an action
    /// that is not speech; it is over as soon as it is returned.
    package mutating func act(
        by now: MediaInstant, timeline: inout PlaybackBuffer, hearing: Bool, log: inout CallLog
    ) -> CallerScript.Action? {
        if let ended = speaking, timeline.instant(of: ended.end) <= now {
            speaking = nil
            timeline.expectResponse()
            log.note(actor, "stops", ended.clip.name, at: timeline.instant(of: ended.end))
        }
        guard let step = progress.take(by: now, hearing: hearing ? timeline : nil) else {
            return nil
        }
        if step.lostPatience {
            log.note(actor, "waited", "the bot said nothing", at: step.at)
        }
        guard case .speak(let clip) = step.action else {
            progress.finish(at: step.at, listensFrom: step.at)
            // What the bot says to a key is another answer, however soon it comes.
            if case .dial = step.action { timeline.expectResponse() }
            return step.action
        }
        let start = voice.speak(clip, at: timeline.sample(at: step.at))
        let utterance = CallLog.Utterance(clip: clip, start: start)
        let onset = timeline.instant(of: utterance.onset)
        progress.finish(
            at: timeline.instant(of: start + clip.encoded.count), listensFrom: onset)
        speaking = utterance
        if actor == .caller { log.said(utterance) }
        let words = clip.words.map { "\(clip.name): \u{201C}\($0)\u{201D}" } ?? clip.name
        let interrupts = hearing && timeline.isSpeaking(at: utterance.onset)
        log.note(actor, interrupts ? "interrupts" : "says", words, at: onset)
        return nil
    }
}
