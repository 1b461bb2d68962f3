// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The limits of a piece, from the file that `swift package benchmark thresholds check` reads too.
struct Limits {
    let values: [String: Int]

    init(of name: String, in folder: String) throws {
        let file = URL(fileURLWithPath: folder)
            .appendingPathComponent("MicroBenchmarks.\(name).p90.json")
        values = try JSONDecoder().decode([String: Int].self, from: Data(contentsOf: file))
    }

    /// What does not hold, as sentences. A limit on something that is not measured never holds.
    func breaches(of result: Results.Measured) -> [String] {
        let measured = [
            "allocations": result.allocations, "bytes a call": result.bytes,
            "per mille of " + result.yardstick: result.share,
        ]
        return values.sorted { $0.key < $1.key }.compactMap { name, limit in
            guard let value = measured[name] ?? nil else { return "'\(name)' is not measured" }
            return value > limit ? "\(name): \(value), at most \(limit)" : nil
        }
    }
}
