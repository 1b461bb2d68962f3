// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore

/// Durations of AudioHook: `PT<decimal>S`, seconds only (AudioHook protocol v2, message envelope).
package enum GenesysDuration {
    package static func text(_ duration: MediaDuration) -> String {
        let (seconds, fraction) = duration.nanoseconds.quotientAndRemainder(
            dividingBy: 1_000_000_000)
        guard fraction > 0 else { return "PT\(seconds)S" }
        var digits = String(fraction)
        digits = String(repeating: "0", count: 9 - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "PT\(seconds).\(digits)S"
    }

    /// Nil for what does not match `^PT(?:\d*\.)?\d+S$` or is longer than a century.
    package static func parse(_ text: String) -> MediaDuration? {
        guard text.hasPrefix("PT"), text.hasSuffix("S"), text.utf8.count > 3 else { return nil }
        let number = text.utf8.dropFirst(2).dropLast()
        let parts = number.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.last?.isEmpty == false,
            number.allSatisfy({ (48...57).contains($0) || $0 == 46 }),
            let seconds = Double("0" + String(decoding: number, as: UTF8.self)),
            seconds < 3_155_760_000
        else { return nil }
        return .seconds(seconds)
    }
}
