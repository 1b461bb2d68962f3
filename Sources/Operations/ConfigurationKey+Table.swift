// Sidetone
// SPDX-License-Identifier: Apache-2.0

extension ConfigurationKey {
    /// Every setting there is, in the order of the reference.
    public static let all: [ConfigurationKey] = [
        host, port, tlsCertificate, tlsPrivateKey, shards, maximumCalls, logLevel, drainSeconds,
        genesysEnabled, genesysConnectorPath, genesysMonitorPath, genesysAPIKeys,
        cxoneEnabled, cxonePath, cxoneToken, cxoneGraceSeconds, cxoneWebhookPath,
        cxoneWebhookAuthorization,
        botKind, botScript, botEndpointProfile, botBargeIn,
    ]

    static let host = ConfigurationKey(
        "server.host", .text, default: "127.0.0.1", flag: "--host",
        "Address to listen on; `0.0.0.0` for all of IPv4, `::` for all")
    static let port = ConfigurationKey(
        "server.port", .integer(0...65_535), default: "8080", flag: "--port",
        "TCP port to listen on; 0 takes an unused one")
    static let tlsCertificate = ConfigurationKey(
        "server.tls_certificate", .file,
        "Certificate chain in PEM; with it the server speaks `wss`, without it `ws`")
    static let tlsPrivateKey = ConfigurationKey(
        "server.tls_private_key", .file, "Private key of the certificate in PEM")
    static let shards = ConfigurationKey(
        "server.shards", .integer(0...1_024), default: "0",
        "Event loops that carry calls; 0 takes one per core")
    static let maximumCalls = ConfigurationKey(
        "server.max_calls", .integer(1...100_000), default: "2000",
        "Calls at a time; more are refused with HTTP status 503")
    static let logLevel = ConfigurationKey(
        "server.log_level",
        .name(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
        default: "info", "Least severe messages that go to standard error")
    static let drainSeconds = ConfigurationKey(
        "server.drain_seconds", .integer(0...86_400), default: "30",
        "How long a stopping server lets calls finish, in seconds")

    static let genesysEnabled = ConfigurationKey(
        "genesys.enabled", .boolean, default: "true", "Whether Genesys AudioHook is served")
    static let genesysConnectorPath = ConfigurationKey(
        "genesys.connector_path", .requestPath, default: "/genesys/connector",
        "Path of Audio Connector sessions, which talk to the bot")
    static let genesysMonitorPath = ConfigurationKey(
        "genesys.monitor_path", .requestPath, default: "/genesys/monitor",
        "Path of AudioHook Monitor sessions, which only listen")
    static let genesysAPIKeys = ConfigurationKey(
        "genesys.api_keys", .apiKeys, default: "[]",
        "Keys that may connect; those with a `secret` (base64) must sign. None: anybody may")

    static let cxoneEnabled = ConfigurationKey(
        "cxone.enabled", .boolean, default: "true", "Whether the NICE CXone audio hook is served")
    static let cxonePath = ConfigurationKey(
        "cxone.path", .requestPath, default: "/cxone", "Path of audio WebSockets")
    static let cxoneToken = ConfigurationKey(
        "cxone.token", .secret,
        "The `authenticationToken` that a first message must carry. None: anybody may connect")
    static let cxoneGraceSeconds = ConfigurationKey(
        "cxone.grace_seconds", .integer(1...86_400), default: "600",
        "How long a call without a connection is kept for its return from hold, in seconds")
    static let cxoneWebhookPath = ConfigurationKey(
        "cxone.webhook_path", .requestPath, default: "/cxone/utterance",
        "Path of the text webhook")
    static let cxoneWebhookAuthorization = ConfigurationKey(
        "cxone.webhook_authorization", .secret,
        "The `authorizationHeader` that a text webhook must carry. None: anybody may post")

    static let botKind = ConfigurationKey(
        "bot.kind", .name(["scripted", "echo"]), default: "scripted",
        "`scripted` follows a script, `echo` says back the caller's last utterance")
    static let botScript = ConfigurationKey(
        "bot.script", .file,
        "Script of the scripted bot. None: the one that comes with the package")
    static let botEndpointProfile = ConfigurationKey(
        "bot.endpoint_profile", .name(["responsive", "patient"]), default: "responsive",
        "Silence that ends a caller's turn: `responsive` 320 ms, `patient` 600 ms")
    static let botBargeIn = ConfigurationKey(
        "bot.barge_in", .boolean, default: "true",
        "Whether callers may interrupt; `false` overrules every prompt of a script")
}
