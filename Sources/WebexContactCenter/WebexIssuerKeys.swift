// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
public import Logging
internal import NIOCore
internal import Synchronization

/// The public keys of the issuers, fetched when they are needed and kept.
///
/// One for the process, used from any thread. However many RPCs wait for an issuer, one fetch is
/// under way. Ask only for issuers that are allowed: their address is where the keys come from.
public final class WebexIssuerKeys: Sendable {
    private struct Waiter {
        let keyID: String?
        let promise: EventLoopPromise<WebexIssuerKeySchedule.Answer>
    }

    private struct Issuer {
        var schedule = WebexIssuerKeySchedule()
        var waiters: [Waiter] = []
    }

    private let fetcher: any WebexIssuerKeyFetching
    private let clock: WebexTokenClock
    private let logger: Logger
    private let issuers = Mutex<[String: Issuer]>([:])

    public init(
        fetcher: any WebexIssuerKeyFetching, clock: WebexTokenClock = .system, logger: Logger
    ) {
        self.fetcher = fetcher
        self.clock = clock
        self.logger = logger
    }

    /// The keys that may have signed a token, at once or when they have been fetched.
    func find(
        _ keyID: String?, of issuer: String, on eventLoop: any EventLoop
    ) -> EventLoopFuture<WebexIssuerKeySchedule.Answer> {
        let promise = eventLoop.makePromise(of: WebexIssuerKeySchedule.Answer.self)
        let lookup = issuers.withLock { issuers in
            // In place: taken out, the list of waiters would be copied for each of them.
            var lookup = issuers[issuer, default: Issuer()].schedule.find(keyID, at: clock.now())
            guard lookup.answer == nil else { return lookup }
            if issuers[issuer, default: Issuer()].waiters.count < WebexTokenPolicy.maximumWaiters {
                issuers[issuer, default: Issuer()].waiters.append(
                    Waiter(keyID: keyID, promise: promise))
            } else {
                lookup.answer = .unavailable
            }
            return lookup
        }
        if lookup.beginsFetch { beginFetch(of: issuer) }
        if let answer = lookup.answer { promise.succeed(answer) }
        return promise.futureResult
    }

    /// The generation of the issuer's keys; nil when none serve. Asked with every RPC, it keeps the
    /// keys fresh.
    func currentGeneration(of issuer: String) -> Int? {
        let (generation, beginsFetch): (Int?, Bool) = issuers.withLock { issuers in
            issuers[issuer]?.schedule.currentGeneration(at: clock.now()) ?? (nil, false)
        }
        if beginsFetch { beginFetch(of: issuer) }
        return generation
    }

    // MARK: The fetch

    private func beginFetch(of issuer: String) {
        Task { await self.fetch(issuer) }
    }

    private func fetch(_ issuer: String) async {
        while let delay = await tryFetch(issuer) {
            await clock.sleep(delay)
        }
    }

    /// - Returns: when to try again; nil when the fetch is over.
    private func tryFetch(_ issuer: String) async -> MediaDuration? {
        var failure = "no_answer"
        var retryAfter: MediaDuration?
        do {
            let response = try await fetcher.fetch(issuer + WebexTokenPolicy.keyPath)
            if response.status == 200 {
                let set = try await WebexIssuerKeySet(reading: response.body)
                let lifetime = Self.lifetime(cacheControl: response.cacheControl)
                settle(issuer) { $0.fetched(set, lifetime: lifetime, at: clock.now()) }
                logger.info("issuer keys fetched", metadata: ["issuer": "\(issuer)"])
                return nil
            }
            failure = "status_\(response.status)"
            if response.status == 429 {
                retryAfter = Self.retryAfter(response.retryAfter)
            }
        } catch let error as WebexIssuerKeySet.Failure {
            failure = error.rawValue
        } catch {}
        let delay = settle(issuer) { $0.failed(retryAfter: retryAfter, at: clock.now()) }
        logger.warning(
            "issuer keys not fetched",
            metadata: [
                "issuer": "\(issuer)", "reason": "\(failure)",
                "retry_ms": "\(delay.map { "\($0.milliseconds)" } ?? "none")",
            ])
        return delay
    }

    /// Takes note of a try, and answers those who waited for it.
    private func settle<Result: Sendable>(
        _ issuer: String, _ note: (inout WebexIssuerKeySchedule) -> Result
    ) -> Result {
        var answers: [(Waiter, WebexIssuerKeySchedule.Answer)] = []
        let result = issuers.withLock { issuers in
            var entry = issuers[issuer] ?? Issuer()
            let result = note(&entry.schedule)
            var waiting: [Waiter] = []
            for waiter in entry.waiters {
                if let answer = entry.schedule.settle(waiter.keyID, at: clock.now()) {
                    answers.append((waiter, answer))
                } else {
                    waiting.append(waiter)
                }
            }
            entry.waiters = waiting
            issuers[issuer] = entry
            return result
        }
        for (waiter, answer) in answers { waiter.promise.succeed(answer) }
        return result
    }

    // MARK: What the issuer says about time

    /// How long keys are good by `Cache-Control` (RFC 9111 section 5.2.2), within bounds.
    static func lifetime(cacheControl: String?) -> MediaDuration {
        let directives = (cacheControl ?? "").lowercased().split(separator: ",").map {
            $0.trimmingSpaces
        }
        let shortest = WebexTokenPolicy.shortestKeyLifetime
        if directives.contains("no-store") || directives.contains("no-cache") { return shortest }
        for directive in directives where directive.hasPrefix("max-age=") {
            guard let age = seconds(directive.dropFirst("max-age=".count)) else { continue }
            return min(max(age, shortest), WebexTokenPolicy.longestKeyLifetime)
        }
        return WebexTokenPolicy.keyLifetime
    }

    /// `Retry-After` in seconds (RFC 9110 section 10.2.3); nil when absent or a date.
    static func retryAfter(_ value: String?) -> MediaDuration? {
        value.flatMap { seconds($0[...].trimmingSpaces) }
    }

    /// - Returns: nil for anything but digits; what is longer than any limit counts as a day.
    private static func seconds(_ text: Substring) -> MediaDuration? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        let seconds = min(Int64(text) ?? .max, 86_400)
        return .milliseconds(seconds * 1_000)
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
