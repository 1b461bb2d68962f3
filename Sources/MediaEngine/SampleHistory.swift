// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// The last stretch of a stream, addressed by position: pre-roll and what waits for the bot.
///
/// Fixed capacity, allocated by `init`; appending over the capacity overwrites the oldest samples,
/// so the owner reads or gives them up first.
struct SampleHistory {
    private var storage: [Int16]
    /// Position of the oldest sample kept.
    private(set) var start = SamplePosition.start
    /// Position after the newest sample.
    private(set) var end = SamplePosition.start

    init(capacity: Int) {
        storage = Array(repeating: 0, count: capacity)
    }

    var capacity: Int { storage.count }
    var count: Int { start.distance(to: end) }

    mutating func append(_ samples: Span<Int16>) {
        precondition(samples.count <= capacity, "A chunk must fit into the history")
        write(samples, at: end)
        move(endBy: samples.count)
    }

    mutating func appendSilence(_ length: Int) {
        precondition(length <= capacity, "A silence must fit into the history")
        for offset in 0..<length {
            storage[Int((end.index + Int64(offset)) % Int64(capacity))] = 0
        }
        move(endBy: length)
    }

    /// Copies samples from `position` on into the start of `samples`; both ends must be kept.
    func copy(from position: SamplePosition, count: Int, into samples: inout [Int16]) {
        precondition(position >= start && position.advanced(by: count) <= end)
        let first = Int(position.index % Int64(capacity))
        let head = min(count, capacity - first)
        let slots = storage.span
        var target = samples.mutableSpan
        for index in 0..<head { target[index] = slots[first &+ index] }
        for index in head..<max(head, count) { target[index] = slots[index &- head] }
    }

    /// Puts other samples in the place of those from `position` on; all of them must be kept.
    mutating func replace(from position: SamplePosition, with samples: Span<Int16>) {
        precondition(position >= start && position.advanced(by: samples.count) <= end)
        write(samples, at: position)
    }

    private mutating func write(_ samples: Span<Int16>, at position: SamplePosition) {
        let first = Int(position.index % Int64(capacity))
        let head = min(samples.count, capacity - first)
        var slots = storage.mutableSpan
        for index in 0..<head { slots[first &+ index] = samples[index] }
        for index in head..<max(head, samples.count) { slots[index &- head] = samples[index] }
    }

    /// Forgets everything and goes on at `position`.
    mutating func jump(to position: SamplePosition) {
        start = position
        end = position
    }

    private mutating func move(endBy length: Int) {
        end = end.advanced(by: length)
        if count > capacity {
            start = end.advanced(by: -capacity)
        }
    }
}
