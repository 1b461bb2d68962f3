// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// A block of bytes that a playout queue is built of.
final class AudioBlock {
    static let byteCount = 4096

    private var bytes: [UInt8]
    var next: AudioBlock?

    init() {
        bytes = Array(repeating: 0, count: Self.byteCount)
    }

    func fill(at offset: Int, with source: Span<UInt8>) {
        // Taken out for the moment: one exclusive access instead of one a byte.
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        do {
            var target = taken.mutableSpan
            for index in source.indices {
                target[offset + index] = source[index]
            }
        }
        bytes = taken
    }

    /// - Returns: false where the block ends before; nothing is written then.
    func decode(_ count: Int, from offset: Int, into samples: inout MutableSpan<Int16>) -> Bool {
        guard offset + count <= Self.byteCount else { return false }
        let source = bytes
        AudioCodec.decode(
            EncodedAudio(source.span.extracting(offset..<(offset + count)), format: .pcmu8000),
            into: &samples)
        return true
    }

    func copy(
        _ count: Int, from offset: Int, into output: inout MutableSpan<UInt8>, at start: Int
    ) {
        let source = bytes
        let span = source.span
        for index in 0..<count {
            output[start + index] = span[offset + index]
        }
    }
}

/// Blocks for the bot audio that waits on the calls of one shard.
///
/// Owned by one thread. A block is allocated when none is free and the limit allows it, and is
/// kept for reuse afterwards; so a shard in its stride allocates nothing.
public final class AudioBlockPool {
    private var free: AudioBlock?
    private let limit: Int
    /// Blocks in existence, in use or free.
    public private(set) var allocatedCount = 0
    /// Blocks in use by calls.
    public private(set) var usedCount = 0

    /// - Parameter byteLimit: memory that all queues together may take.
    public init(byteLimit: Int) {
        limit = max(1, byteLimit / AudioBlock.byteCount)
    }

    /// - Returns: nil when the limit is reached: the caller refuses audio until some is played.
    func take() -> AudioBlock? {
        if let block = free {
            free = block.next
            block.next = nil
            usedCount += 1
            return block
        }
        guard allocatedCount < limit else { return nil }
        allocatedCount += 1
        usedCount += 1
        return AudioBlock()
    }

    func give(back block: AudioBlock) {
        block.next = free
        free = block
        usedCount -= 1
    }
}
