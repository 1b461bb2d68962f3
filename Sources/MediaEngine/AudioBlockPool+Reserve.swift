// Sidetone
// SPDX-License-Identifier: Apache-2.0

extension AudioBlockPool {
    /// Allocates all blocks that the limit allows, so that no later call of the pool allocates.
    ///
    /// For hosts whose media path must not allocate even at first.
    public func reserveAll() {
        var first: AudioBlock?
        while let block = take() {
            block.next = first
            first = block
        }
        while let block = first {
            first = block.next
            give(back: block)
        }
    }
}
