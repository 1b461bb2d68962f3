// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a run measured, as `--json` writes it.
struct Results: Encodable {
    struct Measured: Encodable {
        var name: String
        /// Nanoseconds of processor time for 20 ms of one call.
        var cost: Int
        /// The same in thousandths of the yardstick's.
        var share: Int
        var yardstick: String
        var allocations: Int
        var bytes: Int?
    }

    /// The engine with so many calls in conversation.
    struct Point: Encodable {
        var calls: Int
        /// Of processor time for 20 ms of one call.
        var nanoseconds: Int
        /// That each call takes from the allocator.
        var bytes: Int
    }

    var pieces: [Measured] = []
    var curve: [Point] = []

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(self).write(to: URL(fileURLWithPath: path))
    }
}
