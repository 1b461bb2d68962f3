// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// The tokens that were verified: the same one comes with every RPC of a data source.
///
/// Only good tokens get in, so nobody without one can push others out. No clock, no I/O.
struct WebexTokenMemory: Sendable {
    struct Entry: Hashable, Sendable {
        /// First second in which the token is no longer good.
        let goodUntil: Int64
        let issuer: String
        /// The issuer's keys with which it was verified. See ``WebexIssuerKeySchedule/generation``.
        let keyGeneration: Int
    }

    private let capacity: Int
    private var entries: [[UInt8]: Entry] = [:]

    init(capacity: Int = WebexTokenPolicy.rememberedTokens) {
        precondition(capacity > 0, "A memory has room for a token")
        self.capacity = capacity
    }

    var count: Int { entries.count }

    /// What is known of a token; nil when it has to be verified.
    mutating func entry(for token: [UInt8], unixSeconds: Int64) -> Entry? {
        guard let entry = entries[token] else { return nil }
        guard unixSeconds < entry.goodUntil else {
            entries[token] = nil
            return nil
        }
        return entry
    }

    mutating func remember(_ token: [UInt8], _ entry: Entry) {
        if entries[token] == nil, entries.count >= capacity,
            let soonest = entries.min(by: { $0.value.goodUntil < $1.value.goodUntil })
        {
            entries[soonest.key] = nil
        }
        entries[token] = entry
    }

    mutating func forget(_ token: [UInt8]) {
        entries[token] = nil
    }
}
