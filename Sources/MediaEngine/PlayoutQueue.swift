// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Bytes that wait to be played: first in, first out, in blocks of a shared pool.
struct PlayoutQueue: ~Copyable {
    private let pool: AudioBlockPool
    private var head: AudioBlock?
    private var tail: AudioBlock?
    private var readOffset = 0
    private var writeOffset = 0
    private(set) var count = 0

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
        var next: AudioBlock?
        let room = tail == nil ? 0 : AudioBlock.byteCount - writeOffset
        if bytes.count > room {
            guard let taken = pool.take() else { return false }
            next = taken
        }
        var offset = 0
        while offset < bytes.count {
            if tail == nil || writeOffset == AudioBlock.byteCount {
                link(next)
                next = nil
            }
            guard let block = tail else { return false }
            let length = min(bytes.count - offset, AudioBlock.byteCount - writeOffset)
            block.fill(at: writeOffset, with: bytes.extracting(offset..<(offset + length)))
            writeOffset += length
            offset += length
        }
        count += bytes.count
        return true
    }

    /// Moves `length` bytes from the front into `output` at `offset`; that many must be queued.
    mutating func read(_ length: Int, into output: inout MutableSpan<UInt8>, at offset: Int) {
        precondition(length <= count, "More was asked for than is queued")
        var done = 0
        while done < length {
            guard let block = head else { return }
            let end = block === tail ? writeOffset : AudioBlock.byteCount
            let part = min(length - done, end - readOffset)
            block.copy(part, from: readOffset, into: &output, at: offset + done)
            readOffset += part
            done += part
            if readOffset == end { unlinkHead(block) }
        }
        count -= length
    }

    mutating func removeAll() {
        while let block = head {
            unlinkHead(block)
        }
        count = 0
    }

    private mutating func link(_ block: AudioBlock?) {
        if let last = tail {
            last.next = block
        } else {
            head = block
            readOffset = 0
        }
        tail = block
        writeOffset = 0
    }

    private mutating func unlinkHead(_ block: AudioBlock) {
        head = block.next
        if head == nil {
            tail = nil
            writeOffset = 0
        }
        readOffset = 0
        block.next = nil
        pool.give(back: block)
    }
}
