// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CSidetone

/// Structs of the host that begin with their size.
///
/// A host may be newer than the library: what lies beyond the fields known here must be zero when it is
/// read, and is zeroed when it is written.
enum HostStruct {
    /// Larger than any struct will be: a size beyond it is memory that was not initialised.
    private static let largestSize = 4096

    /// Whether the struct at `pointer` may be written.
    static func check<Value: BitwiseCopyable>(_ pointer: UnsafePointer<Value>) throws(Refusal) {
        // A struct begins with its size, which the host has set.
        let size = unsafe UnsafeRawPointer(pointer).loadUnaligned(as: Int.self)
        guard (MemoryLayout<Value>.stride...largestSize).contains(size) else { throw .invalidSize }
    }

    /// The struct at `pointer`, as far as it is known here.
    static func read<Value: BitwiseCopyable>(
        _ pointer: UnsafePointer<Value>
    ) throws(Refusal) -> Value {
        try unsafe check(pointer)
        let raw = unsafe UnsafeRawPointer(pointer)
        let size = unsafe raw.loadUnaligned(as: Int.self)
        // The host vouches for as many bytes as it has put into struct_size.
        for offset in MemoryLayout<Value>.stride..<size
        where unsafe raw.load(fromByteOffset: offset, as: UInt8.self) != 0 {
            throw .invalidSize
        }
        return unsafe raw.loadUnaligned(as: Value.self)
    }

    /// Writes `value`, whose own size does not matter, over the struct at `pointer`.
    static func write<Value: BitwiseCopyable>(
        _ value: Value, to pointer: UnsafeMutablePointer<Value>
    ) {
        let raw = UnsafeMutableRawPointer(pointer)
        // Checked before, and the host vouches for as many bytes.
        let size = unsafe raw.loadUnaligned(as: Int.self)
        let known = MemoryLayout<Value>.stride
        unsafe withUnsafeBytes(of: value) { source in
            guard let from = source.baseAddress else { return }
            unsafe raw.copyMemory(from: from, byteCount: source.count)
        }
        unsafe raw.storeBytes(of: size, as: Int.self)
        if size > known {
            unsafe (raw + known).initializeMemory(as: UInt8.self, repeating: 0, count: size - known)
        }
    }
}
