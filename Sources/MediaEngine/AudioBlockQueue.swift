// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Bytes in blocks of a shared pool, addressed by how many were appended before them.
///
/// They come in at the end, go from either end, and are read anywhere in between. Owned by one
/// thread; allocates only when the pool does.
struct AudioBlockQueue: ~Copyable {
    private let pool: AudioBlockPool
    private var head: AudioBlock?
    private var tail: AudioBlock?
    /// Index of the head block's first byte.
    private var base = 0
    /// The block that was asked for last, and the index of its first byte: reading goes on from there.
    private var cursor: AudioBlock?
    private var cursorBase = 0
    /// Index of the oldest byte kept.
    private(set) var start = 0
    /// Index after the newest byte.
    private(set) var end = 0

    init(pool: AudioBlockPool) {
        self.pool = pool
    }

    deinit {
        var block = head
        while let current = block {
            block = current.next
            pool.give(back: current)
        }
    }

    /// Appends all of `bytes`, or none of them when the pool is exhausted.
    mutating func append(_ bytes: Span<UInt8>) -> Bool {
        precondition(bytes.count <= AudioBlock.byteCount, "A slice is shorter than a block")
        guard bytes.count > 0 else { return true }
        var next: AudioBlock?
        let used = usedOfTail
        if bytes.count > AudioBlock.byteCount - used {
            guard let taken = pool.take() else { return false }
            next = taken
        }
        let first = min(bytes.count, AudioBlock.byteCount - used)
        if first > 0 {
            tail?.fill(at: used, with: bytes.extracting(0..<first))
        }
        if let next {
            link(next)
            next.fill(at: 0, with: bytes.extracting(first..<bytes.count))
        }
        end += bytes.count
        return true
    }

    /// Makes reading from `index` on, or shortly after, quick: a long queue is not gone through
    /// block by block each time.
    mutating func seek(to index: Int) {
        guard index >= start, index < end else { return }
        if let cursor, index >= cursorBase {
            if index < cursorBase + AudioBlock.byteCount { return }
            if index < cursorBase + 2 * AudioBlock.byteCount {
                self.cursor = cursor.next
                cursorBase += AudioBlock.byteCount
                return
            }
        }
        cursor = head
        cursorBase = base
        while index >= cursorBase + AudioBlock.byteCount {
            cursor = cursor?.next
            cursorBase += AudioBlock.byteCount
        }
    }

    /// Copies `count` bytes from `index` on into `output` at `offset`; all of them must be kept.
    func copy(
        _ count: Int, from index: Int, into output: inout MutableSpan<UInt8>, at offset: Int
    ) {
        precondition(index >= start && index + count <= end, "What is read must be kept")
        let isNear = cursor != nil && index >= cursorBase
        var place = index - (isNear ? cursorBase : base)
        var block = isNear ? cursor : head
        while place >= AudioBlock.byteCount {
            block = block?.next
            place -= AudioBlock.byteCount
        }
        var done = 0
        while done < count, let current = block {
            let part = min(count - done, AudioBlock.byteCount - place)
            current.copy(part, from: place, into: &output, at: offset + done)
            done += part
            place = 0
            block = current.next
        }
    }

    /// Decodes `count` bytes of mu-law from `index` on, near to where ``seek(to:)`` was.
    /// - Returns: false where they are not there in one piece; nothing is written then.
    func decode(_ count: Int, from index: Int, into samples: inout MutableSpan<Int16>) -> Bool {
        guard let cursor, index >= cursorBase, index + count <= end else { return false }
        return cursor.decode(count, from: index - cursorBase, into: &samples)
    }

    /// Gives up everything before `index`.
    mutating func release(before index: Int) {
        guard index > start else { return }
        start = min(index, end)
        while let block = head, start >= base + AudioBlock.byteCount {
            unlink(block)
        }
        if start == end { removeBlocks() }
    }

    /// Gives up everything from `index` on.
    mutating func truncate(at index: Int) {
        guard index < end else { return }
        end = max(index, start)
        cursor = nil
        guard end > start, var last = head else { return removeBlocks() }
        var lastEnd = base + AudioBlock.byteCount
        while lastEnd < end, let next = last.next {
            last = next
            lastEnd += AudioBlock.byteCount
        }
        var rest = last.next
        last.next = nil
        tail = last
        while let block = rest {
            rest = block.next
            pool.give(back: block)
        }
    }

    /// Bytes of the newest block that are taken; all of it when there is none.
    private var usedOfTail: Int {
        guard tail != nil else { return AudioBlock.byteCount }
        let used = (end - base) % AudioBlock.byteCount
        return used == 0 ? AudioBlock.byteCount : used
    }

    private mutating func link(_ block: AudioBlock) {
        if let last = tail {
            last.next = block
        } else {
            head = block
            base = end
        }
        tail = block
    }

    private mutating func unlink(_ block: AudioBlock) {
        if cursor === block { cursor = nil }
        head = block.next
        base += AudioBlock.byteCount
        if head == nil { tail = nil }
        block.next = nil
        pool.give(back: block)
    }

    private mutating func removeBlocks() {
        while let block = head { unlink(block) }
        base = end
    }
}
