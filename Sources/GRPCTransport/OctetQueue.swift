// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Octets that wait to be sent on one stream: appended at one end, taken at the other.
///
/// Memory of its own instead of a copy-on-write buffer: every message passes through one of these,
/// and asking each time whether the buffer is shared costs more than the copy. Confined to its
/// connection's event loop. Grows by doubling; an empty one keeps at most 64 KiB.
@safe
final class OctetQueue {
    private static let keptCapacity = 64 * 1024

    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private var head = 0
    private(set) var count = 0

    init() {
        unsafe base = nil
    }

    deinit {
        unsafe base?.deallocate()
    }

    /// Appends a gRPC message: no compression, its length in network order, its octets.
    func append(message: Span<UInt8>) {
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
    func take(into room: UnsafeMutableRawBufferPointer) -> Int {
        let taken = min(room.count, count)
        guard taken > 0, let base = unsafe base, let target = room.baseAddress else { return 0 }
        unsafe target.copyMemory(from: base + head, byteCount: taken)
        count -= taken
        head = count == 0 ? 0 : head + taken
        if count == 0, capacity > Self.keptCapacity { release() }
        return taken
    }

    private func release() {
        unsafe base?.deallocate()
        unsafe base = nil
        capacity = 0
    }

    private func makeRoom(_ wanted: Int) {
        guard head + count + wanted > capacity else { return }
        if count + wanted <= capacity, let base = unsafe base {
            unsafe base.copyMemory(from: base + head, byteCount: count)
        } else {
            capacity = max(512, capacity, count + wanted)
            if count + wanted > 512 { capacity = (count + wanted) * 2 }
            let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
            if let base = unsafe base {
                unsafe larger.copyMemory(from: base + head, byteCount: count)
                unsafe base.deallocate()
            }
            unsafe base = larger
        }
        head = 0
    }
}
