// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import Logging
public import NIOCore
internal import Synchronization

/// Decides which RPCs are Webex's.
///
/// One for each service, used from any event loop, once an RPC and never per message. The token of
/// a data source comes with every RPC: after it was verified once it is recognised, until it ends or
/// the issuer's keys change. A token seen for the first time costs about 0.1 ms, and a fetch when
/// the issuer's keys are not at hand.
public final class WebexAuthenticator: Sendable {
    private struct State {
        var memory = WebexTokenMemory()
        var counts = WebexAuthenticatorCounts()
        var log = WebexAuthenticatorLog()
    }

    private struct Check {
        let requirements: WebexTokenRequirements
        let keys: WebexIssuerKeys
        let certificates: WebexClientCertificateRule?
    }

    /// Nil: everyone is let in.
    private let check: Check?
    private let clock: WebexTokenClock
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameters:
    ///   - keys: may be shared by several authenticators.
    ///   - certificates: whose client certificates are taken; nil: the connection's TLS has decided.
    ///   - logger: gets reasons and issuers' hosts, never anything else of a token.
    public convenience init(
        requirements: WebexTokenRequirements, keys: WebexIssuerKeys,
        certificates: WebexClientCertificateRule? = nil, logger: Logger,
        clock: WebexTokenClock = .system
    ) {
        self.init(
            check: Check(requirements: requirements, keys: keys, certificates: certificates),
            logger: logger, clock: clock)
    }

    private init(check: Check?, logger: Logger, clock: WebexTokenClock) {
        self.check = check
        self.logger = logger
        self.clock = clock
    }

    /// Lets everyone in, with or without a token: for a server that only trusted hosts can reach.
    public static func admittingAnyone() -> WebexAuthenticator {
        WebexAuthenticator(
            check: nil, logger: Logger(label: "webex") { _ in SwiftLogNoOpLogHandler() },
            clock: .system)
    }

    public var counts: WebexAuthenticatorCounts { state.withLock { $0.counts } }

    /// Checks the client certificate of an RPC's connection, in DER, its chain verified.
    /// - Returns: nil when it is taken, or not asked for.
    func refusal(ofCertificate der: [UInt8]?) -> WebexClientCertificateRefusal? {
        guard let refusal = check?.certificates?.refusal(of: der) else { return nil }
        state.withLock { $0.counts.certificateRefusals[refusal, default: 0] += 1 }
        return refusal
    }

    /// Checks the value of an RPC's `authorization` metadata.
    ///
    /// - Returns: nil when the RPC is let in. Completed already unless keys have to be fetched.
    ///   Never fails.
    public func authenticate(
        authorization: String?, on eventLoop: any EventLoop
    ) -> EventLoopFuture<WebexTokenRefusal?> {
        guard let check else {
            state.withLock { $0.counts.admitted += 1 }
            return eventLoop.makeSucceededFuture(nil)
        }
        let compact: [UInt8]
        let token: WebexToken
        let issuer: String
        do throws(WebexTokenRefusal) {
            compact = try WebexToken.compact(in: authorization)
            if recognises(compact, check) { return eventLoop.makeSucceededFuture(nil) }
            token = try WebexToken(compact)
        } catch {
            return eventLoop.makeSucceededFuture(refuse(error, issuer: nil))
        }
        do throws(WebexTokenRefusal) {
            issuer = try check.requirements.checkOrigin(of: token)
        } catch {
            return eventLoop.makeSucceededFuture(refuse(error, issuer: token.claims.issuer))
        }
        return check.keys.find(token.keyID, of: issuer, on: eventLoop).map { answer in
            do throws(WebexTokenRefusal) {
                try self.verify(token, compact: compact, issuer: issuer, answer, check)
                return nil
            } catch {
                return self.refuse(error, issuer: issuer)
            }
        }.flatMapErrorThrowing { _ in
            self.refuse(.internal, issuer: issuer)
        }
    }

    private func recognises(_ compact: [UInt8], _ check: Check) -> Bool {
        let seconds = clock.unixSeconds()
        let entry = state.withLock { $0.memory.entry(for: compact, unixSeconds: seconds) }
        guard let entry else { return false }
        let isCurrent = check.keys.currentGeneration(of: entry.issuer) == entry.keyGeneration
        state.withLock { state in
            if isCurrent {
                state.counts.admitted += 1
                state.counts.remembered += 1
            } else {
                state.memory.forget(compact)
            }
        }
        return isCurrent
    }

    private func verify(
        _ token: WebexToken, compact: [UInt8], issuer: String,
        _ answer: WebexIssuerKeySchedule.Answer, _ check: Check
    ) throws(WebexTokenRefusal) {
        let generation: Int
        switch answer {
        case .unavailable: throw .keyUnavailable
        case .unknownKey: throw .unknownKey
        case .keys(let keys, let keyGeneration):
            guard keys.contains(where: { $0.verifies(token.signature, of: token.signedOctets) })
            else { throw .badSignature }
            generation = keyGeneration
        }
        let goodUntil = try check.requirements.check(
            token.claims, unixSeconds: clock.unixSeconds())
        state.withLock { state in
            state.memory.remember(
                compact,
                WebexTokenMemory.Entry(
                    goodUntil: goodUntil, issuer: issuer, keyGeneration: generation))
            state.counts.admitted += 1
        }
    }

    private func refuse(_ refusal: WebexTokenRefusal, issuer: String?) -> WebexTokenRefusal {
        let now = clock.now()
        let suppressed = state.withLock { state in
            state.counts.refusals[refusal, default: 0] += 1
            return state.log.admits(refusal, at: now)
        }
        if let suppressed {
            var metadata: Logger.Metadata = [
                "reason": "\(refusal.rawValue)", "suppressed": "\(suppressed)",
            ]
            if let host = issuer.flatMap(Self.loggableHost) { metadata["issuer_host"] = "\(host)" }
            logger.notice("RPC refused", metadata: metadata)
        }
        return refusal
    }

    /// The host of an issuer's address, as far as it looks like one: whatever else a stranger wrote
    /// there stays out of the log.
    static func loggableHost(of issuer: String) -> String? {
        let prefixes = ["https://", "http://"]
        guard let prefix = prefixes.first(where: { issuer.hasPrefix($0) }) else { return nil }
        let host = issuer.utf8.dropFirst(prefix.utf8.count)
            .prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") }
        let isHost =
            (1...253).contains(host.count)
            && host.allSatisfy { octet in
                switch octet {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: octet == UInt8(ascii: ".") || octet == UInt8(ascii: "-")
                }
            }
        return isHost ? String(Substring(host)) : nil
    }
}
