// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// The newest blocks of a line on which nothing stirs, kept until the detector looks at them.
///
/// Either something stirs, and all of them are judged one by one as if they had just come, or the
/// stretch is full, and they are passed over. Owned by one call, 2 KB; allocates in `init` only.
struct QuietStretch: Sendable {
    /// One block of either side, at 8 kHz.
    typealias Block = InlineArray<64, Int16>

    /// Blocks kept: 56 ms.
    static let capacity = 7

    private(set) var count = 0
    private var near: [Block]
    private var far: [Block]
    /// Of each block, whether the far end was heard, and whether that could be interrupted.
    private var farIsHeard = InlineArray<7, Bool>(repeating: false)
    private var mayInterrupt = InlineArray<7, Bool>(repeating: false)

    init() {
        near = Array(repeating: Block(repeating: 0), count: Self.capacity)
        far = near
    }

    var isFull: Bool { count == Self.capacity }

    /// Keeps a block of the caller's line, and what was heard meanwhile, or nothing.
    /// - Precondition: the stretch is not full.
    mutating func append(_ near: Block, far: Span<Int16>, mayInterrupt: Bool) {
        self.near[count] = near
        farIsHeard[count] = !far.isEmpty
        self.mayInterrupt[count] = mayInterrupt
        if !far.isEmpty {
            var block = Block(repeating: 0)
            var room = block.mutableSpan
            SpectralKernels.copy(far, to: &room, at: 0)
            self.far[count] = block
        }
        count &+= 1
    }

    mutating func clear() { count = 0 }

    /// The caller's line, oldest block first.
    func near(_ index: Int) -> Block { near[index] }

    /// What was heard meanwhile, and how many samples of it: all of them or none.
    func far(_ index: Int) -> (block: Block, count: Int) {
        farIsHeard[index] ? (far[index], RealFFT.blockLength) : (Block(repeating: 0), 0)
    }

    func mayInterrupt(_ index: Int) -> Bool { mayInterrupt[index] }

    /// Asks for what the next block needs to be brought near.
    mutating func fetch() {
        guard !isFull else { return }
        SpectralKernels.fetch(&near[count])
        SpectralKernels.fetch(&far[count])
    }
}
