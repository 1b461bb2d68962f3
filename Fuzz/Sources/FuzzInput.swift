// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// The octets of one run.
func octets(_ base: UnsafePointer<UInt8>, _ count: Int) -> [UInt8] {
    Array(UnsafeBufferPointer(start: base, count: count))
}

/// A run written as text: a line is a step, its first character says which, the rest is its
/// argument. Seeds stay readable, and a changed octet is a changed step.
struct FuzzSteps: Sequence {
    struct Step {
        let name: Character
        let argument: String

        /// The argument as a number from 0 to `limit`; anything else is 0.
        func number(upTo limit: Int64) -> Int64 {
            Swift.min(Swift.max(Int64(argument) ?? 0, 0), limit)
        }
    }

    private let lines: [Substring]

    init(_ octets: [UInt8]) {
        lines = String(decoding: octets, as: UTF8.self).split(separator: "\n")
    }

    func makeIterator() -> AnyIterator<Step> {
        var rest = lines.makeIterator()
        return AnyIterator {
            rest.next().map { Step(name: $0.first ?? " ", argument: String($0.dropFirst())) }
        }
    }
}
