// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// The keys of one issuer over time: when they are fetched, and which answer meanwhile. No I/O, no
/// clock.
///
/// Keys are fetched anew before they grow old, so that no RPC waits for it while there is traffic.
/// When that fails the old ones serve for ``WebexTokenPolicy/staleKeyLimit``.
struct WebexIssuerKeySchedule: Sendable {
    enum Answer: Sendable {
        /// Keys that may have signed, and the generation they belong to.
        case keys([WebexIssuerKey], generation: Int)
        case unknownKey
        case unavailable
    }

    /// What to do about a question.
    struct Lookup: Sendable {
        /// Nil: ask ``settle(_:at:)`` when the fetch under way has brought something.
        var answer: Answer?
        /// The host has to begin a fetch now.
        var beginsFetch = false
    }

    private struct Held {
        var set: WebexIssuerKeySet
        var refreshFrom: MediaInstant
        var expires: MediaInstant
    }

    private var held: Held?
    /// Rises whenever the keys change.
    private(set) var generation = 0
    private(set) var isFetching = false
    private var failures = 0
    /// The newest try failed.
    private var hasFailed = false
    private var nextFetch: MediaInstant?
    private var nextUnknownKeyFetch: MediaInstant?

    /// Looks for the key that a token names.
    mutating func find(_ keyID: String?, at now: MediaInstant) -> Lookup {
        guard let held = usable(at: now) else {
            guard isFetching || mayFetch(at: now) else { return Lookup(answer: .unavailable) }
            return Lookup(beginsFetch: begin())
        }
        // While the issuer does not answer, old keys answer at once.
        if now >= held.expires, !hasFailed { return Lookup(beginsFetch: begin()) }
        let found = held.set.candidates(for: keyID)
        if !found.isEmpty {
            let isDue = now >= held.refreshFrom && mayFetch(at: now)
            return Lookup(
                answer: .keys(found, generation: generation), beginsFetch: isDue && begin())
        }
        if isFetching, !hasFailed { return Lookup() }
        guard !isFetching, mayFetch(at: now), now >= nextUnknownKeyFetch ?? now else {
            return Lookup(answer: .unknownKey)
        }
        nextUnknownKeyFetch = now + WebexTokenPolicy.unknownKeyInterval
        return Lookup(beginsFetch: begin())
    }

    /// The generation that serves now; nil when there are no keys. Keeps the keys fresh as
    /// ``find(_:at:)`` does.
    mutating func currentGeneration(
        at now: MediaInstant
    ) -> (generation: Int?, beginsFetch: Bool) {
        guard let held = usable(at: now) else { return (nil, false) }
        let isDue = now >= held.refreshFrom && mayFetch(at: now)
        return (generation, isDue && begin())
    }

    /// The answer to a question that waited. Nil: go on waiting.
    func settle(_ keyID: String?, at now: MediaInstant) -> Answer? {
        guard let held = usable(at: now) else { return isFetching ? nil : .unavailable }
        let found = held.set.candidates(for: keyID)
        return found.isEmpty ? .unknownKey : .keys(found, generation: generation)
    }

    // MARK: The fetch

    private func mayFetch(at now: MediaInstant) -> Bool {
        !isFetching && now >= nextFetch ?? now
    }

    /// - Returns: false when a fetch is under way already.
    private mutating func begin() -> Bool {
        guard !isFetching else { return false }
        isFetching = true
        failures = 0
        return true
    }

    /// The fetch brought keys.
    mutating func fetched(
        _ set: WebexIssuerKeySet, lifetime: MediaDuration, at now: MediaInstant
    ) {
        if held.map({ !$0.set.isSame(as: set) }) ?? true { generation += 1 }
        let part = lifetime.nanoseconds / 100 * WebexTokenPolicy.refreshAfterPercent
        held = Held(
            set: set, refreshFrom: now + MediaDuration(nanoseconds: part),
            expires: now + lifetime)
        isFetching = false
        hasFailed = false
        nextFetch = nil
    }

    /// A try failed.
    /// - Parameter retryAfter: what the issuer asked for.
    /// - Returns: when to try again; nil ends the fetch.
    mutating func failed(
        retryAfter: MediaDuration?, at now: MediaInstant
    ) -> MediaDuration? {
        hasFailed = true
        let retryAfter = retryAfter.map { min($0, WebexTokenPolicy.longestRetryAfter) }
        if failures < WebexTokenPolicy.retryDelays.count {
            let delay = retryAfter ?? WebexTokenPolicy.retryDelays[failures]
            failures += 1
            if delay <= WebexTokenPolicy.longestRetryWait { return delay }
        }
        isFetching = false
        nextFetch = now + max(retryAfter ?? .zero, WebexTokenPolicy.pauseAfterFailure)
        return nil
    }

    private func usable(at now: MediaInstant) -> Held? {
        guard let held, now < held.expires + WebexTokenPolicy.staleKeyLimit else { return nil }
        return held
    }
}
