// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Bytes that wait to be played: first in, first out, in blocks of a shared pool.
///
/// Where the platform's audio may be taken back, what was read is kept until it was heard, so that
/// it can be read again.
struct PlayoutQueue: ~Copyable {
    private var bytes: AudioBlockQueue
    /// What was read is kept until ``release(_:)``.
    private let keepsRead: Bool
    private var next = 0

    init(pool: AudioBlockPool, keepsRead: Bool) {
        bytes = AudioBlockQueue(pool: pool)
        self.keepsRead = keepsRead
    }

    /// Bytes that wait.
    var count: Int { bytes.end - next }

    /// Appends all of `slice`, or none of it when the pool is exhausted.
    mutating func append(_ slice: Span<UInt8>) -> Bool {
        bytes.append(slice)
    }

    /// Moves `length` bytes from the front into `output` at `offset`; that many must be queued.
    mutating func read(_ length: Int, into output: inout MutableSpan<UInt8>, at offset: Int) {
        precondition(length <= count, "More was asked for than is queued")
        bytes.copy(length, from: next, into: &output, at: offset)
        next += length
        if !keepsRead { bytes.release(before: next) }
    }

    /// The oldest `length` bytes that were read will not be read again.
    mutating func release(_ length: Int) {
        guard keepsRead else { return }
        bytes.release(before: min(bytes.start + length, next))
    }

    /// What was read and not released waits again, before all else.
    mutating func rewind() {
        next = bytes.start
    }

    mutating func removeAll() {
        bytes.release(before: bytes.end)
        next = bytes.end
    }
}
