// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// Every limit and every choice about who may call, in one place.
///
/// "Stated" marks what Webex's own descriptions say; everything else is a choice.
public enum WebexTokenPolicy {
    // MARK: The token

    /// Issuers of data-source tokens. Stated; the two `bts` hosts serve tests.
    public static let issuers = [
        "https://idbrokerbts.webex.com/idb", "https://idbrokerbts-eu.webex.com/idb",
        "https://idbroker.webex.com/idb", "https://idbroker-eu.webex.com/idb",
        "https://idbroker-b-us.webex.com/idb", "https://idbroker-ca.webex.com/idb",
    ]
    /// The only algorithm. Stated.
    public static let algorithm = "RS256"
    /// Schema of the voice virtual agent. Stated.
    public static let voiceVirtualAgentSchema = "5397013b-7920-4ffc-807c-e8a3e0a18f43"
    /// Schema of media forking. The schema repository's; a guide prints another one, so it is
    /// configuration.
    public static let mediaForkingSchema = "523e1b7f-4693-47bc-b84e-a7b7a505fb0b"
    /// Seconds that the issuer's clock and ours may differ. Stated as the most.
    public static let clockSkew: Int64 = 30
    /// Octets of a token; seen ones have about a thousand. Choice.
    static let maximumTokenBytes = 16_384
    /// The last second of the year 9999: what lies beyond is no date. Choice.
    static let latestDate = 253_402_300_799.0
    /// Verified tokens remembered; a data source has one at a time. Choice.
    static let rememberedTokens = 256

    // MARK: The issuer's keys

    /// Path of the keys below the issuer's address. Stated.
    static let keyPath = "/oauth2/v2/keys/verificationjwk"
    /// How long keys are good when the issuer does not say. Stated.
    static let keyLifetime = MediaDuration.milliseconds(3_600_000)
    /// Bounds of what the issuer may say (21,600 s was seen). Choice.
    static let shortestKeyLifetime = MediaDuration.milliseconds(60_000)
    static let longestKeyLifetime = MediaDuration.milliseconds(86_400_000)
    /// After this part of their lifetime keys are fetched anew while the old ones serve on. Choice.
    static let refreshAfterPercent: Int64 = 75
    /// How long after their lifetime keys still serve while none can be fetched. Choice.
    static let staleKeyLimit = MediaDuration.milliseconds(86_400_000)
    /// Waits before the second, third and fourth try. Stated.
    static let retryDelays = [
        MediaDuration.milliseconds(1_000), .milliseconds(2_000), .milliseconds(4_000),
    ]
    /// A `Retry-After` of no more than this is waited for within a fetch; a longer one ends the
    /// fetch and keeps the next one away. Choice.
    static let longestRetryWait = MediaDuration.milliseconds(10_000)
    /// The longest `Retry-After` that is believed. Choice.
    static let longestRetryAfter = MediaDuration.milliseconds(3_600_000)
    /// From a fetch that failed in every try to the next one. Choice.
    static let pauseAfterFailure = MediaDuration.milliseconds(10_000)
    /// Between two fetches that a token with an unknown key made necessary. Choice.
    static let unknownKeyInterval = MediaDuration.milliseconds(60_000)
    /// One try, from the connection to the last octet. Choice.
    static let fetchTimeout = MediaDuration.milliseconds(3_000)
    /// Octets of the issuer's answer. Choice.
    static let maximumKeyBytes = 262_144
    /// Keys of an issuer that are looked at. Choice.
    static let maximumKeys = 64
    /// RPCs that wait for one issuer's keys. Choice.
    static let maximumWaiters = 8_192

    // MARK: The log

    /// Between two lines about the same reason; the counts have them all. Choice.
    static let refusalLogInterval = MediaDuration.milliseconds(1_000)
}
