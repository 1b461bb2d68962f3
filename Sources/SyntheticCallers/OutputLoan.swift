// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// The memory in which the calls of one loop write down what they want done, one after the other.
///
/// A call needs it for a moment fifty times a second. With memory of its own for each of a thousand
/// calls, all of it is out of the cache by the next time. Used on its loop only.
final class OutputLoan<Batch: OutputBatch> {
    /// Empty, with its storage; without any while a call has it.
    var batch = Batch()
}
