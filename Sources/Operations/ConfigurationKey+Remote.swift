// Sidetone
// SPDX-License-Identifier: Apache-2.0

extension ConfigurationKey {
    /// Settings of bots that run elsewhere, in the order of the reference.
    static let remote: [ConfigurationKey] = [
        remoteURL, remoteHeaders, remoteAuthorities, remoteEncoding, remoteRate, remoteAnswer,
        remoteReconnects, remoteWindow, remoteApology, remoteTransfer,
    ]

    static let remoteURL = ConfigurationKey(
        "remote.url", .text, "Where the bot is: a `ws://` or `wss://` address")
    static let remoteHeaders = ConfigurationKey(
        "remote.headers", .headers, default: "[]",
        "Headers of the request that opens a connection; a `value` is a secret")
    static let remoteAuthorities = ConfigurationKey(
        "remote.authorities", .file,
        "Authorities in PEM that must have signed the bot's certificate. None: the system's")
    static let remoteEncoding = ConfigurationKey(
        "remote.encoding", .name(["pcm16", "opus"]), default: "pcm16",
        "How the bot is given the caller's audio")
    static let remoteRate = ConfigurationKey(
        "remote.rate", .name(["8000", "16000", "24000", "48000"]), default: "16000",
        "Its samples per second")
    static let remoteAnswer = ConfigurationKey(
        "remote.answer_ms", .integer(100...60_000), default: "3000",
        "Wait for a connection, and again for the bot's first word on it, in milliseconds")
    static let remoteReconnects = ConfigurationKey(
        "remote.reconnects", .integer(0...10), default: "3",
        "Attempts in a row after the first before the bot is given up")
    static let remoteWindow = ConfigurationKey(
        "remote.window_ms", .integer(1000...50_000), default: "30000",
        "Audio of the bot that may wait to be heard, in milliseconds")
    static let remoteApology = ConfigurationKey(
        "remote.apology", .file,
        "Recording (WAV) that a caller hears whose bot was given up. None: nothing is said")
    static let remoteTransfer = ConfigurationKey(
        "remote.transfer", .text,
        "Where such a caller is transferred to. None: the call ends as failed")
}
