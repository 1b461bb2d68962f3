// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// The `grpc-timeout` field: at most eight digits and a unit.
enum GRPCTimeout {
    private static let units: [(symbol: Character, nanoseconds: Int64)] = [
        ("n", 1), ("u", 1_000), ("m", 1_000_000), ("S", 1_000_000_000), ("M", 60_000_000_000),
        ("H", 3_600_000_000_000),
    ]

    /// - Returns: nil when the text is no timeout. What a clock cannot hold is cut to 290 years.
    static func parse(_ text: String) -> TimeAmount? {
        guard let symbol = text.last,
            let unit = units.first(where: { $0.symbol == symbol })
        else { return nil }
        let digits = text.dropLast()
        guard (1...8).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
            let count = Int64(digits)
        else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: unit.nanoseconds)
        return .nanoseconds(overflow ? .max / 2 : product)
    }

    /// Rounded up, so that the peer never gives up before we do.
    static func text(_ timeout: TimeAmount) -> String {
        let nanoseconds = max(1, timeout.nanoseconds)
        for unit in units {
            let count = (nanoseconds - 1) / unit.nanoseconds + 1
            if count < 100_000_000 { return "\(count)\(unit.symbol)" }
        }
        return "99999999H"
    }
}
