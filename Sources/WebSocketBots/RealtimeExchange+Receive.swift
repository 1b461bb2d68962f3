// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Foundation
internal import JSON
internal import MediaEngine
internal import MediaServer

extension RealtimeExchange {
    mutating func receive(text: String, at now: MediaInstant) {
        guard let event = RealtimeEvent(parsing: text) else {
            malformed += 1
            counters.add { $0.invalidMessages += 1 }
            if malformed >= Self.malformedLimit { drop("messages that are no events") }
            return
        }
        if case .opening = phase {
            switch event {
            case .sessionCreated: update(at: now)
            default: drop("the first event is not session.created")
            }
            return
        }
        take(event, at: now)
    }

    private mutating func drop(_ reason: String) {
        phase = .away
        actions.append(.close(code: 1002, reason: reason))
    }

    private mutating func update(at now: MediaInstant) {
        phase = .updating(until: now + policy.answerTimeout)
        send(
            "session.update",
            JSONObject([.init(name: "session", value: options.dialect.session(options))]),
            as: .update)
    }

    private mutating func take(_ event: RealtimeEvent, at now: MediaInstant) {
        switch event {
        case .sessionUpdated:
            if case .updating = phase { becomeReady(at: now) }
        case .speechStarted: speechStarted()
        case .speechStopped, .committed:
            if options.turnDetection != .sidetone { expecting = now }
        case .responseCreated(let id):
            active = id
            isRequested = false
            if asksAgain {
                asksAgain = false
                cancel()
                askForResponse(at: now)
            }
            if expecting != nil { expecting = now }
        case .audio(let audio): play(audio, at: now)
        case .audioDone(let id):
            if let index = items.firstIndex(where: { $0.id == id }) { finish(index) }
        case .responseDone(let id, let status): done(id, status, at: now)
        case .function(let call, let name, let arguments): perform(call, name, arguments)
        case .transcript(let text, let isCaller): remember(text, isCaller)
        case .rateLimits(let least):
            if least <= 0 { counters.add { $0.rateLimited += 1 } }
        case .error(let type, let code, let id): refused(type, code, id)
        case .sessionCreated, .other: break
        }
    }

    // MARK: Audio

    private mutating func play(_ audio: RealtimeEvent.Audio, at now: MediaInstant) {
        guard phase == .ready, !past.contains(audio.response), !past.contains(audio.item),
            let data = Data(base64Encoded: audio.delta)
        else { return }
        expecting = nil
        hasRetried = false
        var index = items.firstIndex { $0.id == audio.item }
        if index == nil {
            itemCount += 1
            items.append(
                Item(
                    number: itemCount, id: audio.item, response: audio.response,
                    contentIndex: audio.contentIndex))
            actions.append(.begin(itemCount, allowsBargeIn: true))
            index = items.count - 1
        }
        guard let index, items[index].isOpen else { return }
        let samples = decode([UInt8](data), of: index)
        items[index].received += samples.count
        if !samples.isEmpty { actions.append(.play(items[index].number, samples)) }
    }

    private mutating func decode(_ delta: [UInt8], of index: Int) -> [Int16] {
        guard let encoding = input.sampleEncoding else { return [] }
        var bytes = delta
        if encoding.bytesPerSample == 2 {
            if let odd = items[index].oddByte { bytes.insert(odd, at: 0) }
            items[index].oddByte = bytes.count % 2 == 1 ? bytes.removeLast() : nil
        }
        var samples = [Int16](repeating: 0, count: bytes.count / encoding.bytesPerSample)
        var room = samples.mutableSpan
        AudioCodec.decode(
            EncodedAudio(bytes.span, format: AudioFormat(encoding, rate: input.rate)), into: &room)
        return samples
    }

    mutating func finish(_ index: Int) {
        guard items[index].isOpen else { return }
        items[index].isOpen = false
        actions.append(.finish(items[index].number))
    }

    // MARK: Responses

    private mutating func speechStarted() {
        guard options.turnDetection != .sidetone, !items.isEmpty else { return }
        // The far side stops by itself; what it made is taken off here.
        serverInterrupts = true
        actions.append(.clear)
    }

    private mutating func done(_ id: String, _ status: RealtimeEvent.Status, at now: MediaInstant) {
        if active == id { active = nil }
        for index in items.indices where items[index].response == id { finish(index) }
        switch status {
        case .completed, .incomplete:
            expecting = nil
            if let ending {
                self.ending = nil
                actions.append(.end(ending, afterPlayout: true))
            } else if functionOutputs > 0 {
                functionOutputs = 0
                askForResponse(at: now)
            } else {
                actions.append(.listen(InputExpectation()))
            }
        case .cancelled: break
        case .failed:
            counters.add { $0.botErrors += 1 }
            retry(at: now)
        }
    }

    /// Asks for the answer once more; the second time the bot is given up.
    mutating func retry(at now: MediaInstant) {
        guard !hasRetried else { return actions.append(.fail(.failed)) }
        hasRetried = true
        if active != nil { cancel() }
        isRequested = false
        asksAgain = false
        askForResponse(at: now)
    }

    mutating func cancel() {
        guard let active else { return }
        forget(active)
        self.active = nil
        send("response.cancel", as: .cancel)
    }

    /// What still comes of it is dropped.
    mutating func forget(_ name: String) {
        if past.count == Self.rememberedCount { past.removeFirst() }
        past.append(name)
    }

    private mutating func perform(_ call: String, _ name: String, _ arguments: String) {
        let values = (try? JSONValue(parsing: arguments))?.object
        switch RealtimeFunction(rawValue: name) {
        case .transfer:
            ending = CallEnding(.transfer(destination: values?["to"]?.string ?? ""))
        case .end: ending = CallEnding(.completed)
        case nil:
            functionOutputs += 1
            send(
                "conversation.item.create",
                JSONObject([
                    .init(
                        name: "item",
                        value: [
                            "type": "function_call_output", "call_id": .string(call),
                            "output": "there is no such function",
                        ])
                ]))
        }
    }

    private mutating func remember(_ text: String, _ isCaller: Bool) {
        guard !text.isEmpty else { return }
        said.append((isCaller ? "Caller: " : "Bot: ") + text.prefix(Self.summaryLimit / 4))
        while said.reduce(0, { $0 + $1.count }) > Self.summaryLimit { said.removeFirst() }
    }

    private mutating func refused(_ type: String, _ code: String?, _ id: String?) {
        let kind = sent.last { $0.id == id }?.kind
        var isUpdating = false
        if case .updating = phase { isUpdating = true }
        switch kind {
        case .cancel, .truncate:
            // It crossed with an end of what it was about.
            return
        case .update: actions.append(.fail(.failed))
        case .create, .other, nil:
            if kind == .create {
                isRequested = false
                asksAgain = false
            }
            counters.add { $0.botErrors += 1 }
            // Without an answer to session.update the formats are unknown.
            if isUpdating, id == nil, type == "invalid_request_error" {
                actions.append(.fail(.failed))
            }
        }
    }
}
