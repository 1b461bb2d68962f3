// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// The memory of the echo cancellers of one thread's calls.
///
/// A canceller works on 32 KB, which only a call with an audible echo needs. All of it is allocated
/// by `init`; a call takes what it needs and gives it back. When none is left a call does without:
/// it then tells the caller from the echo by levels alone. Owned by one thread.
public final class EchoCancellerPool {
    private var free: [EchoCancellerMemory]
    /// Cancellers that can be in use at once.
    public let capacity: Int

    /// - Parameter capacity: cancellers to set up, 32 KB each.
    public init(capacity: Int) {
        precondition(capacity >= 0, "A pool has a size")
        self.capacity = capacity
        free = (0..<capacity).map { _ in EchoCancellerMemory() }
    }

    /// Cancellers that no call is using.
    public var available: Int { free.count }

    func take() -> EchoCancellerMemory? { free.popLast() }

    func give(_ memory: EchoCancellerMemory) {
        precondition(free.count < capacity, "More memory came back than went out")
        free.append(memory)
    }
}
