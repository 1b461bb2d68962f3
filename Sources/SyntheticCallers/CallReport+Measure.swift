// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// Turns and interruptions follow from where the utterances, answers and flushes lie: they are
/// worked out once, after the call.
struct CallMeasurement {
    let log: CallLog
    let playback: PlaybackBuffer
    /// Samples of one audio message of the caller.
    let messageLength: Int
    /// Utterances that are measured; those after them only limit these.
    let measured: Range<Int>

    /// - Parameter settledOnly: leaves out the last utterance, whose answer may still come.
    init(log: CallLog, playback: PlaybackBuffer, messageLength: Int, settledOnly: Bool = false) {
        self.log = log
        self.playback = playback
        self.messageLength = messageLength
        measured = 0..<max(0, log.utterances.count - (settledOnly ? 1 : 0))
    }

    /// From then on nothing is settled.
    private var horizon: MediaInstant? {
        measured.upperBound < log.utterances.count
            ? playback.instant(of: log.utterances[measured.upperBound].onset) : nil
    }

    private func report(_ sample: Int) -> Milliseconds { log.elapsed(playback.instant(of: sample)) }

    private func span(_ samples: Int) -> Milliseconds {
        Milliseconds(SampleRate.hz8000.duration(of: samples))
    }

    /// When the message with the sample before `end` was complete.
    private func sent(_ end: Int) -> Milliseconds {
        report((end + messageLength - 1) / messageLength * messageLength)
    }

    /// The flush an utterance caused: the first between its onset and the next utterance.
    private func flush(of index: Int) -> CallLog.Flush? {
        let onset = playback.instant(of: log.utterances[index].onset)
        let next =
            index + 1 < log.utterances.count
            ? playback.instant(of: log.utterances[index + 1].onset) : nil
        return log.flushes.first { flush in
            flush.dropped > 0 && flush.at >= onset && (next.map { flush.at < $0 } ?? true)
        }
    }

    var turns: [CallReport.Turn] {
        measured.map { index in
            let utterance = log.utterances[index]
            let from = max(
                playback.instant(of: utterance.onset),
                flush(of: index)?.at ?? playback.instant(of: utterance.onset))
            let next = index + 1 < log.utterances.count ? log.utterances[index + 1].onset : .max
            let answer = playback.responses.first { response in
                response.arrived > from && response.start < next
            }
            var turn = CallReport.Turn(
                clip: utterance.clip.name, words: utterance.clip.words,
                speechStart: report(utterance.onset), speechEnd: report(utterance.end),
                sent: sent(utterance.end), answeredEarly: false)
            measureInput(index, &turn)
            guard let answer else { return turn }
            turn.arrived = log.elapsed(answer.arrived)
            turn.heard = report(answer.start)
            turn.sounded = answer.firstSound.map(report)
            turn.arrivalLatency = Milliseconds(
                answer.arrived - playback.instant(of: utterance.end))
            turn.responseLatency = span(answer.start - utterance.end)
            turn.answeredEarly = answer.start < utterance.end
            turn.promptLatency = turn.endOfInput.map {
                Milliseconds(log.elapsed(answer.arrived).value - $0.value)
            }
            return turn
        }
    }

    /// What the server told of an utterance, where the platform lets it tell.
    private func measureInput(_ index: Int, _ turn: inout CallReport.Turn) {
        let utterance = log.utterances[index]
        let onset = playback.instant(of: utterance.onset)
        let end = playback.instant(of: utterance.end)
        let next =
            index + 1 < log.utterances.count
            ? playback.instant(of: log.utterances[index + 1].onset)
            : MediaInstant(nanoseconds: .max)
        if let start = log.startsOfInput.first(where: { onset <= $0 && $0 < next }) {
            turn.startOfInput = log.elapsed(start)
            turn.onsetLatency = Milliseconds(start - onset)
        }
        let ends = log.endsOfInput.filter { onset <= $0 && $0 < next }
        if let found = ends.first(where: { $0 >= end }) ?? ends.last {
            turn.endOfInput = log.elapsed(found)
            turn.endpointLatency = Milliseconds(found - end)
        }
    }

    var interruptions: [CallReport.Interruption] {
        measured.compactMap { index in
            let utterance = log.utterances[index]
            guard playback.isSpeaking(at: utterance.onset) else { return nil }
            var interruption = CallReport.Interruption(
                clip: utterance.clip.name, onset: report(utterance.onset),
                sent: sent(utterance.onset + 1), dropped: span(0), stale: span(0))
            guard let flush = flush(of: index) else { return interruption }
            interruption.silenced = log.elapsed(flush.at)
            interruption.latency = Milliseconds(
                flush.at - playback.instant(of: utterance.onset))
            interruption.dropped = span(flush.dropped)
            let silent = playback.sample(at: flush.at)
            let stale = playback.responses.filter { $0.arrived > flush.at }
                .map { max(0, min($0.end, utterance.end) - max($0.start, silent)) }
                .reduce(0, +)
            interruption.stale = span(stale)
            return interruption
        }
    }

    /// Flushes at which nobody was speaking, nor had been within the last half second.
    var flushesInSilence: Int {
        log.flushes.filter { flush in
            let sample = playback.sample(at: flush.at)
            return flush.dropped > 0 && horizon.map { flush.at < $0 } ?? true
                && !log.utterances.contains { $0.onset <= sample && sample <= $0.end + 4000 }
        }.count
    }

    var responses: [CallReport.Response] {
        playback.responses.map { response in
            CallReport.Response(
                arrived: log.elapsed(response.arrived), start: report(response.start),
                end: report(response.end), messages: response.messages,
                dropped: span(response.flushed))
        }
    }

    var underruns: [CallReport.Underrun] {
        playback.underruns.map {
            CallReport.Underrun(at: report($0.start), length: span($0.length))
        }
    }

    var levels: CallReport.Levels {
        CallReport.Levels(
            caller: Self.level(
                energy: log.utterances.reduce(0) { $0 + $1.clip.energy },
                count: log.utterances.reduce(0) { $0 + $1.clip.voicedCount }),
            bot: Self.level(energy: playback.energy, count: playback.sounding))
    }

    private static func level(energy: Double, count: Int) -> Double? {
        guard count > 0 else { return nil }
        let level = Double(Level.dBov(meanSquare: energy / Double(count)))
        return (level * 10).rounded() / 10
    }
}

extension CallReport {
    /// - Parameter playback: what was heard; an empty one where the platform plays nothing.
    init(
        platform: String, call: String, log: CallLog, playback: PlaybackBuffer?,
        messageLength: Int, outputVariables: [String: String], settledOnly: Bool = false,
        at now: MediaInstant
    ) {
        let measured = CallMeasurement(
            log: log, playback: playback ?? PlaybackBuffer(origin: log.begin, keepsAudio: false),
            messageLength: messageLength, settledOnly: settledOnly)
        self.platform = platform
        self.call = call
        duration = log.elapsed(now)
        mediaStart = playback.map { log.elapsed($0.origin) }
        ending = log.ending ?? Ending(kind: .failed, detail: "The call did not end")
        turns = measured.turns
        interruptions = measured.interruptions
        responses = measured.responses
        underruns = measured.underruns
        violations = log.violations
        timeline = log.events.sorted { $0.at < $1.at }
        levels = measured.levels
        counts = log.counts
        counts.flushesInSilence = measured.flushesInSilence
        counts.mostBuffered = Milliseconds(
            SampleRate.hz8000.duration(of: measured.playback.highWater))
        generator = Spread(log.generator)
        pong = log.pongs.count > 0 ? Spread(log.pongs) : nil
        self.outputVariables = outputVariables
    }
}

extension CallPlatform {
    /// Reports what is settled, all before the last utterance, and makes the log and the playback
    /// forget it, so that a call of an hour takes no more memory than one of a minute.
    mutating func takeSettled(
        platform: String, call: String, playback: inout PlaybackBuffer, messageLength: Int,
        at now: MediaInstant
    ) -> CallReport? {
        guard log.utterances.count > 1, let last = log.utterances.last else { return nil }
        let report = CallReport(
            platform: platform, call: call, log: log, playback: playback,
            messageLength: messageLength, outputVariables: [:], settledOnly: true, at: now)
        log.forget(before: playback.instant(of: last.onset))
        playback.forget(before: last.onset)
        return report
    }
}
