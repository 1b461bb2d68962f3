// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore

/// The durations of the protocol: `PT<decimal>S`, seconds only.
public enum GenesysDuration {
    /// Reads a duration, exact to the nanosecond; further digits are dropped.
    ///
    /// Nil unless it matches `^PT(?:\d*\.)?\d+S$` and is at most a thousand million seconds, which
    /// keeps sums of positions within 64 bits.
    public static func parse(_ text: String) -> MediaDuration? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 4, bytes.starts(with: "PT".utf8), bytes.last == UInt8(ascii: "S")
        else { return nil }
        let decimal = bytes[2..<(bytes.count - 1)]
        let parts = decimal.split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let last = parts.last, !last.isEmpty, let seconds = value(of: parts[0]) else {
            return nil
        }
        guard parts.count == 2 else {
            return MediaDuration(nanoseconds: seconds * 1_000_000_000)
        }
        guard parts[1].allSatisfy(isDigit) else { return nil }
        let kept = parts[1].prefix(9)
        guard var nanoseconds = value(of: kept) else { return nil }
        for _ in kept.count..<9 { nanoseconds *= 10 }
        return MediaDuration(nanoseconds: seconds * 1_000_000_000 + nanoseconds)
    }

    /// Writes a duration without trailing zeros: `PT0S`, `PT1.25S`. Negative ones become `PT0S`.
    public static func text(of duration: MediaDuration) -> String {
        let (seconds, rest) = max(0, duration.nanoseconds)
            .quotientAndRemainder(dividingBy: 1_000_000_000)
        guard rest > 0 else { return "PT\(seconds)S" }
        var digits = String(rest)
        digits = String(repeating: "0", count: 9 - digits.count) + digits
        while digits.last == "0" { digits.removeLast() }
        return "PT\(seconds).\(digits)S"
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// The number that `digits` spell (none spell 0), at most a thousand million.
    private static func value(of digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            guard isDigit(digit) else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
            guard value <= 1_000_000_000 else { return nil }
        }
        return value
    }
}
