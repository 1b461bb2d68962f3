// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import CSidetone
internal import Synchronization

/// What a handle stands for.
enum HandleKind: UInt64 {
    case engine = 1
    case call = 2
    case resampler = 3
    case ringWriter = 4
    case ringReader = 5
    case detector = 6
}

/// Every object that hosts hold handles of.
///
/// A handle is a slot's index (24 bits), its kind (8) and how often the slot had been opened (32). Slots
/// are never given back to the system, so a handle of any age can be looked up: it is live when it is
/// what its slot says. Behind that stands a gate, one flag for an engine and all of its calls: whoever
/// finds it closed is told so instead of waiting. Entering costs one exchange and two loads.
///
/// Any thread. Only opening and closing take the lock.
@safe
final class HandleTable: @unchecked Sendable {
    // Safe to share: an object is reached only between the exchange that shuts its gate (acquiring) and
    // the store that opens it (releasing), after its handle was seen to be live behind that gate.
    static let shared = HandleTable(capacity: 16_384)

    @safe
    private struct Slot: ~Copyable {
        /// The handle in force; zero when the slot is free.
        let live = Atomic<UInt64>(0)
        /// How often the slot was opened.
        let generation = Atomic<UInt32>(0)
        /// Index of the slot whose `isShut` guards this one's object.
        let gate = Atomic<UInt32>(0)
        let isShut = Atomic<Bool>(false)
        var object: UnsafeMutableRawPointer?
    }

    private struct Free {
        var indices: [UInt32]
    }

    private let capacity: Int
    private let slots: UnsafeMutablePointer<Slot>
    private let free: Mutex<Free>

    init(capacity: Int) {
        self.capacity = capacity
        // Never freed: handles may be asked for as long as the process runs.
        unsafe slots = .allocate(capacity: capacity)
        for index in 0..<capacity {
            unsafe (slots + index).initialize(to: Slot())
        }
        free = Mutex(Free(indices: (0..<UInt32(capacity)).reversed()))
    }

    private static func index(of handle: UInt64) -> Int { Int(handle & 0xFF_FFFF) }
    private static func kind(of handle: UInt64) -> UInt64 { handle >> 24 & 0xFF }
    private static func generation(of handle: UInt64) -> UInt32 { UInt32(handle >> 32) }

    /// Makes a handle for `object`, which the table keeps.
    /// - Parameter owner: whose gate it stands behind; its own when nil. The caller is inside of it.
    /// - Returns: nil when all slots are taken.
    func open(_ object: AnyObject, _ kind: HandleKind, behind owner: UInt64? = nil) -> UInt64? {
        guard let index = free.withLock({ $0.indices.popLast() }) else { return nil }
        let slot = unsafe slots + Int(index)
        let generation = unsafe slot.pointee.generation.load(ordering: .relaxed) + 1
        let handle = UInt64(generation) << 32 | kind.rawValue << 24 | UInt64(index)
        unsafe slot.pointee.object = Unmanaged.passRetained(object).toOpaque()
        unsafe slot.pointee.gate.store(
            owner.map { UInt32(Self.index(of: $0)) } ?? index, ordering: .relaxed)
        unsafe slot.pointee.generation.store(generation, ordering: .relaxed)
        unsafe slot.pointee.live.store(handle, ordering: .releasing)
        return handle
    }

    /// Runs `body` with the object of `handle` behind its gate.
    func enter<Object: AnyObject>(
        _ handle: UInt64, _ kind: HandleKind, _ body: (Object) -> sidetone_status
    ) -> sidetone_status {
        let gate: Int
        switch shutGate(of: handle, kind) {
        case .success(let index): gate = index
        case .failure(let refusal): return refusal.status
        }
        defer { openGate(gate) }
        // Live, of this kind, and kept by the table as long as the gate is shut.
        guard let object = unsafe slots[Self.index(of: handle)].object else { return Status.closed }
        return unsafe body(Unmanaged<Object>.fromOpaque(object).takeUnretainedValue())
    }

    /// Ends a handle.
    /// - Parameter body: run with the object while its gate is still shut; the handle is dead already.
    func close<Object: AnyObject>(
        _ handle: UInt64, _ kind: HandleKind, _ body: (Object) -> Void
    ) -> sidetone_status {
        let gate: Int
        switch shutGate(of: handle, kind) {
        case .success(let index): gate = index
        case .failure(let refusal): return refusal.status
        }
        end(handle, body)
        openGate(gate)
        recycle(handle)
        return Status.ok
    }

    /// Ends a handle whose gate the caller has shut.
    func closeInside<Object: AnyObject>(_ handle: UInt64, _ body: (Object) -> Void) {
        end(handle, body)
        recycle(handle)
    }

    private func end<Object: AnyObject>(_ handle: UInt64, _ body: (Object) -> Void) {
        let slot = unsafe slots + Self.index(of: handle)
        unsafe slot.pointee.live.store(0, ordering: .releasing)
        guard let object = unsafe slot.pointee.object else { return }
        unsafe slot.pointee.object = nil
        // Balances the retain in open(_:_:behind:).
        unsafe body(Unmanaged<Object>.fromOpaque(object).takeRetainedValue())
    }

    /// A slot that has been opened as often as can be counted is not used again.
    private func recycle(_ handle: UInt64) {
        guard Self.generation(of: handle) < .max else { return }
        free.withLock { $0.indices.append(UInt32(Self.index(of: handle))) }
    }

    private func shutGate(of handle: UInt64, _ kind: HandleKind) -> Result<Int, Refusal> {
        let index = Self.index(of: handle)
        guard index < capacity, Self.kind(of: handle) == kind.rawValue else {
            return .failure(Refusal(status: Status.invalidHandle))
        }
        let slot = unsafe slots + index
        guard unsafe slot.pointee.live.load(ordering: .acquiring) == handle else {
            return .failure(dead(handle))
        }
        let gate = unsafe Int(slot.pointee.gate.load(ordering: .relaxed))
        guard unsafe !slots[gate].isShut.exchange(true, ordering: .acquiring) else {
            return .failure(Refusal(status: Status.busy))
        }
        // It may have been closed before the gate was shut.
        guard unsafe slot.pointee.live.load(ordering: .acquiring) == handle else {
            openGate(gate)
            return .failure(dead(handle))
        }
        return .success(gate)
    }

    private func openGate(_ gate: Int) {
        unsafe slots[gate].isShut.store(false, ordering: .releasing)
    }

    private func dead(_ handle: UInt64) -> Refusal {
        let opened = unsafe slots[Self.index(of: handle)].generation.load(ordering: .relaxed)
        let wasGivenOut = (1...max(1, opened)).contains(Self.generation(of: handle)) && opened > 0
        return Refusal(status: wasGivenOut ? Status.closed : Status.invalidHandle)
    }
}
