// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import NIOCore
internal import WebexMessages

extension WebexPlatform {
    /// Prompts came, or the end of an answer.
    mutating func takeAnswer(
        _ response: WebexVoiceVAResponse, _ number: Int, at now: MediaInstant
    ) {
        guard let rpc = rpc(number), rpc.purpose != .sessionEnd else { return }
        takeInput(response, rpc)
        guard !response.prompts.isEmpty else { return judgeTime(rpc, at: now) }
        if !rpc.isAnswered { beginAnswer(response, rpc, at: now) }
        for prompt in response.prompts {
            play(prompt, response.responseType, number, at: now)
        }
        considerInput(at: now)
    }

    /// The next input's mode and limits: the last ones of an answer count.
    private mutating func takeInput(_ response: WebexVoiceVAResponse, _ rpc: WebexRPC) {
        if !rpc.isAnswered, !response.prompts.isEmpty { input = WebexInput() }
        input.take(response.inputMode)
        guard response.hasInputHandlingConfig else { return }
        input.take(response.inputHandlingConfig)
        update(rpc.number) { $0.hasInputHandling = true }
    }

    private mutating func judgeTime(_ rpc: WebexRPC, at now: MediaInstant) {
        guard !rpc.isAnswered, let since = rpc.inputCompleteAt else { return }
        let latency = now - since
        guard latency > options.limits.responseDue else { return }
        log.violation(
            .responseLate, "\(latency.milliseconds) ms on \(rpc.name)", at: now)
    }

    private mutating func beginAnswer(
        _ response: WebexVoiceVAResponse, _ rpc: WebexRPC, at now: MediaInstant
    ) {
        judgeTime(rpc, at: now)
        if isInSpeech, rpc.number == audioRPC {
            log.violation(
                .answerWithoutEnd, "Prompts before END_OF_INPUT on \(rpc.name)", at: now)
        }
        allowsBargeIn =
            response.prompts.contains { $0.isBargeInEnabled } && !rpc.endsSession
        update(rpc.number) {
            $0.isAnswered = true
            $0.inputCompleteAt = $0.inputCompleteAt ?? now
        }
        answering = rpc.number
        noInputAt = nil
        playback.beginResponse()
        // The turn is over on this RPC; with barge-in the next one takes up the caller's audio.
        if audioRPC == rpc.number { stopListening(at: now) }
    }

    private mutating func play(
        _ prompt: WebexPrompt, _ type: WebexVoiceVAResponse.ResponseType, _ number: Int,
        at now: MediaInstant
    ) {
        guard let rpc = rpc(number) else { return }
        let isInterruptible = prompt.isBargeInEnabled && !rpc.endsSession
        update(number) { $0.allowsBargeIn = isInterruptible }
        let bytes = [UInt8](prompt.audioContent)
        log.counts.bytesReceived += bytes.count
        guard !bytes.isEmpty else {
            if !prompt.text.isEmpty { log.note(.bot, "text", prompt.text, at: now) }
            if !prompt.audioUri.isEmpty { log.note(.bot, "audio URI", prompt.audioUri, at: now) }
            return
        }
        log.counts.binaryReceived += 1
        let isWAV = type == .final || type == .partial && WebexWAV.hasHeader(bytes)
        guard judgeMode(isWAV ? .wav : .chunk, rpc, at: now) else { return }
        let heard = isWAV ? wav(bytes, rpc, at: now) : chunk(bytes, prompt, rpc, at: now)
        guard let heard else { return }
        hear(heard, at: now)
        queue.append(QueuedPrompt(end: playback.end, allowsBargeIn: isInterruptible))
    }

    /// Whether a prompt may be played that came in this mode.
    private mutating func judgeMode(
        _ mode: AudioMode, _ rpc: WebexRPC, at now: MediaInstant
    ) -> Bool {
        if mode == .wav, rpc.chunks > 0 {
            log.violation(.finalWithAudio, "FINAL after CHUNKs on \(rpc.name)", at: now)
            return false
        }
        let known = audioMode ?? mode
        audioMode = known
        if known != mode {
            log.violation(
                .modeSwitched, "\(mode.rawValue) on \(rpc.name) of a call in \(known.rawValue)",
                at: now)
        }
        return true
    }

    private mutating func wav(
        _ bytes: [UInt8], _ rpc: WebexRPC, at now: MediaInstant
    ) -> ByteBuffer? {
        do throws(WebexWAVFault) {
            return ByteBuffer(bytes: try WebexWAV.heard(bytes))
        } catch {
            log.violation(.wavHeader, "\(error.detail) on \(rpc.name)", at: now)
            return nil
        }
    }

    private mutating func chunk(
        _ bytes: [UInt8], _ prompt: WebexPrompt, _ rpc: WebexRPC, at now: MediaInstant
    ) -> ByteBuffer? {
        update(rpc.number) { $0.chunks += 1 }
        if !prompt.text.isEmpty {
            log.violation(.textInChunk, "The caller would hear it twice", at: now)
        }
        guard !WebexWAV.hasHeader(bytes) else {
            log.violation(.headerInChunk, "A WAV header in a CHUNK of \(rpc.name)", at: now)
            return nil
        }
        if !options.limits.chunkBytes.contains(bytes.count) {
            log.violation(.chunkSize, "A CHUNK of \(bytes.count) bytes on \(rpc.name)", at: now)
        }
        return ByteBuffer(bytes: bytes)
    }

    private mutating func hear(_ audio: ByteBuffer, at now: MediaInstant) {
        let known = (playback.responses.count, playback.underruns.count)
        _ = playback.receive(audio, at: now)
        if playback.responses.count > known.0, let response = playback.responses.last {
            log.note(.bot, "speaks", at: playback.instant(of: response.start))
        }
        if playback.underruns.count > known.1, let underrun = playback.underruns.last {
            log.note(
                .bot, "underrun", "\(underrun.length / 8) ms",
                at: playback.instant(of: underrun.start))
        }
    }
}
