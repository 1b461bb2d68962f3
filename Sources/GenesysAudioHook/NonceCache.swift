// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// The nonces of recently accepted signatures, so that a recorded request cannot be sent again.
///
/// Only verified signatures enter, and each for as long as it would still pass, so only a holder
/// of the secret can fill it. When full it refuses rather than forget.
struct NonceCache {
    enum Verdict: Equatable {
        case fresh
        case replayed
        case full
    }

    private struct Entry: Hashable {
        var apiKey: String
        var nonce: String
    }

    private let capacity: Int
    private var expiries: [Entry: Int64] = [:]
    private var earliestExpiry = Int64.max

    init(capacity: Int = GenesysPolicy.nonceCapacity) {
        self.capacity = capacity
    }

    /// Nonces held, including expired ones not swept yet.
    var count: Int { expiries.count }

    /// Remembers `nonce` until after `validUntil`, unless it is remembered already.
    ///
    /// Complexity: O(1), but O(count) when it is full and some entries have expired.
    mutating func insert(_ nonce: String, of apiKey: String, validUntil: Int64, now: Int64)
        -> Verdict
    {
        let entry = Entry(apiKey: apiKey, nonce: nonce)
        if let expiry = expiries[entry], expiry >= now { return .replayed }
        if expiries.count >= capacity {
            guard earliestExpiry < now else { return .full }
            expiries = expiries.filter { $0.value >= now }
            earliestExpiry = expiries.values.min() ?? .max
            guard expiries.count < capacity else { return .full }
        }
        expiries[entry] = validUntil
        earliestExpiry = min(earliestExpiry, validUntil)
        return .fresh
    }
}
