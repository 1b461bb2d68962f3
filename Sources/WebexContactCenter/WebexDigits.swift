// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import WebexMessages

extension DTMFDigit {
    /// The keys in the order of their numbers from 1 on; zero is 10.
    private static let webexKeys: [Character] = Array("1234567890ABCD*#")

    /// Nil for a number that names no key.
    public init?(_ digit: WebexDTMFDigits) {
        guard (1...Self.webexKeys.count).contains(digit.rawValue) else { return nil }
        self.init(Self.webexKeys[digit.rawValue - 1])
    }
}

extension WebexDTMFDigits {
    /// The number of a key.
    public init(_ digit: DTMFDigit) {
        for candidate in Self.allCases where DTMFDigit(candidate) == digit {
            self = candidate
            return
        }
        self = .dtmfEventUnspecified
    }
}
