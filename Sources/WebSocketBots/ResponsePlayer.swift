// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import MediaEngine
internal import MediaServer
internal import NIOCore

/// Queues a far bot's responses on the call, in order; what the call has no room for waits here.
///
/// Runs on the call's shard. Whatever is done on the session may lead back into this object, so
/// entries are looked up anew after each step.
final class ResponsePlayer {
    private struct Entry {
        let number: Int
        let allowsBargeIn: Bool
        var id: ResponseID?
        var chunks = CircularBuffer<[Int16]>()
        /// Samples of the first chunk that were queued.
        var offset = 0
        /// Samples that wait here.
        var held = 0
        /// Marks, each with the samples that wait before it.
        var marks: [(mark: UInt64, before: Int)] = []
        var isFinished = false
        /// All of it is the call's.
        var isQueued = false
    }

    private let session: CallSession
    private let report: (PlaybackReport) -> Void
    /// Samples that may wait here.
    private let limit: Int
    private var entries: [Entry] = []
    private var conclusion: (() -> Void)?
    private var isWorking = false
    /// The call's queue is full until it says that it is writable.
    private var isHeldUp = false
    var rate: SampleRate

    /// - Parameter limit: samples that may wait here, beside what the call's queue takes.
    init(
        _ session: CallSession, rate: SampleRate, limit: Int,
        report: @escaping (PlaybackReport) -> Void
    ) {
        self.session = session
        self.rate = rate
        self.limit = limit
        self.report = report
    }

    // MARK: The bot's side

    func begin(_ number: Int, allowsBargeIn: Bool) {
        guard session.configuration.egress != nil else {
            return report(.ended(number, PlaybackAccount(wasCleared: true)))
        }
        entries.append(Entry(number: number, allowsBargeIn: allowsBargeIn))
        work()
    }

    /// Audio of a response that is over is dropped.
    func play(_ number: Int, _ samples: [Int16]) {
        guard !samples.isEmpty, let index = index(of: number) else { return }
        let held = entries.reduce(0) { $0 + $1.held }
        let room = max(0, limit - held)
        let part = samples.count > room ? Array(samples[0..<room]) : samples
        if part.count < samples.count {
            report(.refused(number, samples: samples.count - part.count))
        }
        guard !part.isEmpty, index < entries.count else { return }
        entries[index].chunks.append(part)
        entries[index].held += part.count
        work()
    }

    func finish(_ number: Int) {
        guard let index = index(of: number) else { return }
        entries[index].isFinished = true
        work()
    }

    func mark(_ mark: UInt64, in number: Int) {
        guard let index = index(of: number) else {
            return report(.mark(mark, in: number, wasHeard: false))
        }
        entries[index].marks.append((mark, entries[index].held))
        work()
    }

    func clear() {
        isHeldUp = false
        dropUnbegun()
        session.clear()
        work()
    }

    /// Done once all there is was queued on the call.
    func conclude(_ step: @escaping () -> Void) {
        conclusion = step
        work()
    }

    // MARK: The call's side

    /// - Returns: the number of the response, if it is one of the bot's.
    func ended(_ account: ResponseAccount) -> Int? {
        guard let index = entries.firstIndex(where: { $0.id == account.id }) else { return nil }
        let number = entries.remove(at: index).number
        if account.wasCleared {
            isHeldUp = false
            dropUnbegun()
        }
        return number
    }

    func number(of id: ResponseID) -> Int? { entries.first { $0.id == id }?.number }

    func becameWritable() {
        isHeldUp = false
        work()
    }

    /// Begins what waits for room among the responses.
    func proceed() { work() }

    /// Audio of the bot that was not handed to the platform.
    var queued: MediaDuration {
        var total = MediaDuration.zero
        let egress = session.configuration.egress?.format.rate ?? rate
        for entry in entries {
            total += rate.duration(of: entry.held)
            guard let id = entry.id, let account = session.account(of: id) else { continue }
            let count = account.accepted + account.returned - account.sent - account.discarded
            total += egress.duration(of: max(0, count))
        }
        return total
    }

    private func index(of number: Int) -> Int? { entries.firstIndex { $0.number == number } }

    /// What the call never heard of is over with a clear.
    private func dropUnbegun() {
        while let index = entries.firstIndex(where: { $0.id == nil }) {
            let entry = entries.remove(at: index)
            for mark in entry.marks {
                report(.mark(mark.mark, in: entry.number, wasHeard: false))
            }
            let discarded = Int64(rate.duration(of: entry.held).milliseconds)
            report(
                .ended(entry.number, PlaybackAccount(discarded: discarded, wasCleared: true)))
        }
    }

    private func work() {
        guard !isWorking else { return }
        isWorking = true
        defer { isWorking = false }
        while let index = entries.firstIndex(where: { !$0.isQueued }) {
            guard step(index) else { return }
        }
        if let next = conclusion {
            conclusion = nil
            next()
        }
    }

    /// - Returns: false when nothing more can be done for now.
    private func step(_ index: Int) -> Bool {
        let number = entries[index].number
        guard
            let id = entries[index].id
                ?? session.beginResponse(
                    allowsBargeIn: entries[index].allowsBargeIn)
        else { return false }
        entries[index].id = id
        if let mark = entries[index].marks.first, mark.before <= 0 {
            entries[index].marks.removeFirst()
            if !session.mark(MarkID(number: mark.mark), in: id) {
                report(.mark(mark.mark, in: number, wasHeard: false))
            }
            return true
        }
        if let chunk = entries[index].chunks.first {
            guard !isHeldUp else { return false }
            return queue(chunk, of: index, as: id)
        }
        guard entries[index].isFinished else { return false }
        entries[index].isQueued = true
        session.endResponse(id)
        return true
    }

    /// Up to the next mark, so that it stands where the bot set it.
    private func queue(_ chunk: [Int16], of index: Int, as id: ResponseID) -> Bool {
        let (number, offset) = (entries[index].number, entries[index].offset)
        let left = chunk.count - offset
        let length = min(left, entries[index].marks.first?.before ?? left)
        let taken = session.play(
            LinearAudio(chunk.span.extracting(offset..<(offset + length)), rate: rate), in: id)
        // A clear on the way may have taken the response.
        guard let place = self.index(of: number) else { return true }
        guard session.isOpen(id) else {
            entries.remove(at: place)
            return true
        }
        entries[place].offset += taken
        entries[place].held -= taken
        for mark in entries[place].marks.indices { entries[place].marks[mark].before -= taken }
        if entries[place].offset == chunk.count {
            _ = entries[place].chunks.popFirst()
            entries[place].offset = 0
        }
        isHeldUp = taken < length
        return !isHeldUp
    }
}
