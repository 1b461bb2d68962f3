// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// One stream through a ``PolyphaseFilter``: the filter is shared, the history is its own.
struct PolyphaseResampler: ~Copyable, Sendable {
    private let filter: PolyphaseFilter
    private var history: [Int16]

    init(_ filter: PolyphaseFilter) {
        self.filter = filter
        history = Array(repeating: 0, count: filter.historyCount)
    }

    /// Delay in samples of the output.
    var delayCount: Int { filter.delay }

    /// Filters all of `input` and writes the `count` samples that are due; `pending` inputs of a
    /// block came before.
    mutating func process(
        _ input: Span<Int16>, pending: Int, writing count: Int,
        into output: inout MutableSpan<Int16>
    ) {
        let filter = filter
        var kept = history.mutableSpan
        let written = Kernels.filter(filter, history: &kept, pending: pending, input, into: &output)
        assert(written == count, "The filter and its user count differently")
    }

    mutating func reset() {
        for index in history.indices {
            history[index] = 0
        }
    }
}
