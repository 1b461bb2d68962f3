// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Memory for the octets that wait on the streams of one connection.
///
/// A stream of audio has something to send for a moment fifty times a second. The blocks go round
/// among all of them, the last one given back first, so what is written next is still in the cache;
/// with memory of their own a thousand streams fill it. Confined to its connection's event loop.
@safe
final class OctetBlocks {
    /// Enough for a frame of 20 ms and what is said about it.
    static let size = 512
    private static let mostKept = 64

    private var kept: [UnsafeMutableRawPointer]

    init() {
        unsafe kept = []
        unsafe kept.reserveCapacity(Self.mostKept)
    }

    deinit {
        while let block = unsafe kept.popLast() { unsafe block.deallocate() }
    }

    /// Blocks that no queue has.
    var keptCount: Int { unsafe kept.count }

    fileprivate func take() -> UnsafeMutableRawPointer {
        if let block = unsafe kept.popLast() { return unsafe block }
        return .allocate(byteCount: Self.size, alignment: 16)
    }

    fileprivate func giveBack(_ block: UnsafeMutableRawPointer) {
        guard unsafe kept.count < Self.mostKept else { return unsafe block.deallocate() }
        unsafe kept.append(block)
    }
}

/// Octets that wait to be sent on one stream: appended at one end, taken at the other.
///
/// Memory of its own instead of a copy-on-write buffer: every message passes through one of these,
/// and asking each time whether the buffer is shared costs more than the copy. Confined to its
/// connection's event loop. Holds a block while something waits, and grows by doubling beyond it;
/// memory of more than a block is kept while empty, up to 64 KiB.
@safe
struct OctetQueue: ~Copyable {
    private static let keptCapacity = 64 * 1024

    private let blocks: OctetBlocks
    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private var head = 0
    private(set) var count = 0

    init(_ blocks: OctetBlocks) {
        self.blocks = blocks
        unsafe base = nil
    }

    deinit {
        unsafe base?.deallocate()
    }

    /// Appends a gRPC message: no compression, its length in network order, its octets.
    mutating func append(message: Span<UInt8>) {
        let length = message.count
        makeRoom(MessageDeframer.prefixLength + length)
        guard let base = unsafe base else { return }
        let end = unsafe base + head + count
        unsafe end.storeBytes(of: 0, as: UInt8.self)
        unsafe (end + 1).storeBytes(of: UInt32(length).bigEndian, as: UInt32.self)
        unsafe message.withUnsafeBytes { octets in
            guard let source = octets.baseAddress else { return }
            unsafe (end + MessageDeframer.prefixLength).copyMemory(from: source, byteCount: length)
        }
        count += MessageDeframer.prefixLength + length
    }

    /// Moves octets to `room` until it is full or nothing is left.
    /// - Returns: octets moved.
    mutating func take(into room: UnsafeMutableRawBufferPointer) -> Int {
        let taken = min(room.count, count)
        guard taken > 0, let base = unsafe base, let target = room.baseAddress else { return 0 }
        unsafe target.copyMemory(from: base + head, byteCount: taken)
        count -= taken
        head = count == 0 ? 0 : head + taken
        if count == 0, capacity == OctetBlocks.size || capacity > Self.keptCapacity { release() }
        return taken
    }

    private mutating func release() {
        guard let old = unsafe base else { return }
        unsafe giveUp(old)
        unsafe base = nil
        capacity = 0
    }

    private func giveUp(_ memory: UnsafeMutableRawPointer) {
        if capacity == OctetBlocks.size {
            unsafe blocks.giveBack(memory)
        } else {
            unsafe memory.deallocate()
        }
    }

    private mutating func makeRoom(_ wanted: Int) {
        guard head + count + wanted > capacity else { return }
        if let base = unsafe base, count + wanted <= capacity {
            unsafe base.copyMemory(from: base + head, byteCount: count)
        } else if unsafe base == nil, wanted <= OctetBlocks.size {
            unsafe base = blocks.take()
            capacity = OctetBlocks.size
        } else {
            let larger = max(2 * OctetBlocks.size, (count + wanted) * 2)
            let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
            if let old = unsafe base {
                unsafe memory.copyMemory(from: old + head, byteCount: count)
                unsafe giveUp(old)
            }
            unsafe base = memory
            capacity = larger
        }
        head = 0
    }
}
