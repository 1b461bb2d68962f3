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

    func give(_ memory: consuming EchoCancellerMemory) {
        precondition(free.count < capacity, "More memory came back than went out")
        free.append(memory)
    }
}

/// What one canceller works on: contents are left over from its last user.
struct EchoCancellerMemory {
    static let partitions = 12
    /// Blocks of the far end kept: the longest lag, the filter's length and one block before it.
    static let farBlocks = 96

    var background = [Spectrum](repeating: Spectrum(), count: partitions)
    var foreground = [Spectrum](repeating: Spectrum(), count: partitions)
    /// Spectra of two blocks of the far end each; the newest is somewhere, older ones follow.
    var inputs = [Spectrum](repeating: Spectrum(), count: partitions)
    /// Powers of the input, the error and the estimate, followed bin by bin. One of each: an array,
    /// so that a call without a canceller has no room set aside for them.
    var farPower = [BlockValues(repeating: 0)]
    var errorPower = [BlockValues(repeating: 0)]
    var echoPower = [BlockValues(repeating: 0)]
    /// The newest block of the inputs and of what was left, each behind 64 zeros. One of each.
    var lastInput = [Spectrum()]
    var lastResidual = [Spectrum()]
    var far = [Int16](repeating: 0, count: farBlocks * RealFFT.blockLength)
}
