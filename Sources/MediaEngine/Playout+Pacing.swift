// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// Audio for the platform, ready to be sent.
public struct OutboundPacket: Hashable, Sendable {
    /// Bytes written, in the call's egress format.
    public let byteCount: Int
    public let generation: Generation
    /// The response its first sample belongs to.
    public let response: ResponseID
    /// Whether the caller's voice may interrupt that response.
    public let allowsBargeIn: Bool
}

/// What a packet brought about, for the call to report.
struct PacketOutcome {
    var packet: OutboundPacket
    /// The response that began with this packet, and when its first sample had been accepted.
    var started: (response: ResponseID, accepted: MediaInstant, isFiller: Bool)?
}

extension Playout {
    /// Writes the next packet that is due into `output`, which has room for the longest.
    mutating func nextPacket(
        into output: inout MutableSpan<UInt8>, now: MediaInstant
    ) -> PacketOutcome? {
        settle(at: now)
        guard !isHeld else { return nil }
        let due = dueCount(at: now)
        guard due > 0, budget.allowsPacket(at: now) else { return nil }
        precondition(
            output.count >= due * format.bytesPerFrame, "The output must hold the longest packet")
        queue.read(due * format.bytesPerFrame, into: &output, at: 0)
        budget.spend(at: now)
        mayBePlaying = true

        var outcome: PacketOutcome?
        var rest = due
        var index = 0
        while rest > 0, index < table.count {
            let part = min(rest, table.entries[index].queued)
            if part > 0 {
                if table.entries[index].isDry {
                    table.entries[index].isDry = false
                    fade(&output, at: due - rest, count: part, isIn: true)
                }
                if isDryTail(index, part: part) {
                    fade(&output, at: due - rest, count: part, isIn: false)
                }
                let (startsAt, follows) = book(
                    part, at: index, now: now, into: &outcome, byteCount: due * format.bytesPerFrame
                )
                let first = (due - rest) * format.bytesPerFrame
                farEndConverter.layDown(
                    output.span.extracting(first..<(first + part * format.bytesPerFrame)),
                    in: &farEnd, heardAt: startsAt, follows: follows,
                    allowsBargeIn: table.entries[index].allowsBargeIn)
                rest -= part
            }
            index += 1
        }
        return outcome
    }

    /// The response that has just run dry, once per time it does.
    mutating func takeUnderrun(at now: MediaInstant) -> ResponseID? {
        guard !isHeld else { return nil }
        for index in 0..<table.count {
            let entry = table.entries[index]
            guard !entry.isComplete, entry.hasStarted, !entry.isDry, !isAudible(at: now)
            else { continue }
            table.entries[index].isDry = true
            table.entries[index].account.underruns += 1
            return entry.account.id
        }
        return nil
    }

    /// Samples that should leave now; zero when none are due.
    private func dueCount(at now: MediaInstant) -> Int {
        var queued = queue.count / format.bytesPerFrame
        guard queued > 0 else { return 0 }
        if !pacing.joinsResponses { queued = firstQueued }
        let rate = format.rate
        let lead = sentAudio.lead(at: now)
        var room = rate.samples(in: pacing.maximumPacket)
        if let target = pacing.lead {
            room = min(room, max(0, rate.samples(in: target - lead)))
        }
        let open =
            pacing.joinsResponses ? openIndex : openIndex.flatMap { $0 == firstIndex ? $0 : nil }
        var sendable = queued
        if let open {
            sendable -= min(table.entries[open].queued, rate.samples(in: Self.fadeLength))
            if sendable == 0 {
                let isLast = table.entries[open].hasStarted && lead < Self.tailDeadline
                return isLast ? min(queued, room) : 0
            }
        }
        if lead == .zero {
            let isEnough =
                open.map {
                    sendable >= rate.samples(in: pacing.startThreshold) || isOutOfPatience($0, now)
                } ?? true
            return isEnough ? min(sendable, room) : 0
        }
        let packet = rate.samples(in: pacing.packet)
        if sendable >= packet {
            return room >= packet ? min(sendable, room) : 0
        }
        // Less than a packet is left. The rest of a finished response can wait for company.
        let isLastMoment =
            open == nil
            ? lead < Self.restDeadline || pacing.lead == nil : lead < Self.tailDeadline
        return isLastMoment && room >= sendable ? sendable : 0
    }

    /// The first response of which something waits.
    private var firstIndex: Int? {
        for index in 0..<table.count where table.entries[index].queued > 0 {
            return index
        }
        return nil
    }

    private var firstQueued: Int { firstIndex.map { table.entries[$0].queued } ?? 0 }

    /// The first response that the bot is still adding to.
    private var openIndex: Int? {
        for index in 0..<table.count where !table.entries[index].isComplete {
            return index
        }
        return nil
    }

    private func isOutOfPatience(_ index: Int, _ now: MediaInstant) -> Bool {
        guard let last = table.entries[index].lastAccepted else { return false }
        return now - last >= pacing.startPatience
    }

    /// Whether `part` is all there is of a response that the bot has not finished.
    private func isDryTail(_ index: Int, part: Int) -> Bool {
        !table.entries[index].isComplete && table.entries[index].queued == part
    }

    private mutating func book(
        _ part: Int, at index: Int, now: MediaInstant, into outcome: inout PacketOutcome?,
        byteCount: Int
    ) -> (startsAt: MediaInstant, follows: Bool) {
        let id = table.entries[index].account.id
        if outcome == nil {
            outcome = PacketOutcome(
                packet: OutboundPacket(
                    byteCount: byteCount, generation: table.entries[index].account.generation,
                    response: id, allowsBargeIn: table.entries[index].allowsBargeIn))
        }
        if !table.entries[index].hasStarted {
            table.entries[index].hasStarted = true
            // What answers the caller is told before what bridges the wait.
            if outcome?.started?.isFiller ?? true, let accepted = table.entries[index].firstAccepted
            {
                outcome?.started = (id, accepted, table.entries[index].isFiller)
            }
        }
        table.entries[index].queued -= part
        table.entries[index].account.sent += part
        ledger.sent += part
        return sentAudio.append(response: id, count: part, now: now)
    }

    /// Fades the first or last 5 ms of `count` samples that start at sample `offset` of `bytes`.
    private func fade(_ bytes: inout MutableSpan<UInt8>, at offset: Int, count: Int, isIn: Bool) {
        let length = min(count, format.rate.samples(in: Self.fadeLength))
        let first = isIn ? offset : offset + count - length
        let size = format.bytesPerFrame
        for index in 0..<length {
            let place = (first + index) * size
            // Linear over 5 ms, one sample at a time: it happens at gaps only.
            let step = isIn ? index + 1 : length - index
            let sample = Int(decodeSample(bytes, at: place)) * step / (length + 1)
            encodeSample(Int16(clamping: sample), &bytes, at: place)
        }
    }

    private func decodeSample(_ bytes: borrowing MutableSpan<UInt8>, at place: Int) -> Int16 {
        let code: [2 of UInt8] = [
            bytes[place], format.bytesPerFrame > 1 ? bytes[place + 1] : 0,
        ]
        var sample: [1 of Int16] = [0]
        var room = sample.mutableSpan
        AudioCodec.decode(
            EncodedAudio(code.span.extracting(0..<format.bytesPerFrame), format: format),
            into: &room)
        return sample[0]
    }

    private func encodeSample(
        _ value: Int16, _ bytes: inout MutableSpan<UInt8>, at place: Int
    ) {
        let sample: [1 of Int16] = [value]
        var code: [2 of UInt8] = [0, 0]
        var room = code.mutableSpan
        let length = AudioCodec.encode(
            LinearAudio(sample.span, rate: format.rate), as: format.encoding, into: &room)
        for index in 0..<length {
            bytes[place + index] = code[index]
        }
    }
}
