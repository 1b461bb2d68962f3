// Sidetone
// SPDX-License-Identifier: Apache-2.0

extension ConfigurationKey {
    /// Every setting there is, in the order of the reference.
    public static let all: [ConfigurationKey] =
        [
            host, port, tlsCertificate, tlsPrivateKey, shards, maximumCalls, memoryLimit, logLevel,
            drainSeconds, operationsHost, operationsPort,
            genesysEnabled, genesysConnectorPath, genesysMonitorPath, genesysAPIKeys,
            cxoneEnabled, cxonePath, cxoneToken, cxoneGraceSeconds, cxoneWebhookPath,
            cxoneWebhookAuthorization,
            webexEnabled, webexPort, webexAnswerMode, webexVirtualAgents, webexDataSourceURL,
            webexSchemaUUID, webexForkingSchemaUUID, webexAudience, webexSubject, webexIssuers,
            webexClientCA, webexClientSubject, webexIdleSeconds, webexPingPath,
            botKind, botScript, botEndpointProfile, botBargeIn, botBargeInMode,
            botBargeInSensitivity,
            botCleanAudio, botFiller, botFillerAfter,
        ] + remote + realtime

    static let host = ConfigurationKey(
        "server.host", .text, default: "127.0.0.1", flag: "--host",
        "Address to listen on; `0.0.0.0` for all of IPv4, `::` for all")
    static let port = ConfigurationKey(
        "server.port", .integer(0...65_535), default: "8080", flag: "--port",
        "TCP port to listen on; 0 takes an unused one")
    static let tlsCertificate = ConfigurationKey(
        "server.tls_certificate", .file,
        "Certificate chain in PEM; with it all is served over TLS, without it nothing is")
    static let tlsPrivateKey = ConfigurationKey(
        "server.tls_private_key", .file, "Private key of the certificate in PEM")
    static let shards = ConfigurationKey(
        "server.shards", .integer(0...1_024), default: "0",
        "Event loops that carry calls; 0 takes one per core")
    static let maximumCalls = ConfigurationKey(
        "server.max_calls", .integer(1...100_000), default: "2000",
        "Calls at a time; more are refused")
    static let memoryLimit = ConfigurationKey(
        "server.memory_limit_mb", .integer(0...16_777_216), default: "0",
        "Memory that all calls may declare to need, in MB; 0 takes half of the machine's or cgroup's"
    )
    static let logLevel = ConfigurationKey(
        "server.log_level",
        .name(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
        default: "info", "Least severe messages that go to standard error")
    static let drainSeconds = ConfigurationKey(
        "server.drain_seconds", .integer(0...86_400), default: "30",
        "How long a stopping server lets calls finish, in seconds")

    static let operationsHost = ConfigurationKey(
        "operations.host", .text, default: "127.0.0.1",
        "Address to listen on for figures and health, over plain HTTP")
    static let operationsPort = ConfigurationKey(
        "operations.port", .integer(0...65_535), default: "0",
        "TCP port of figures and health; 0 serves none")

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

    static let webexEnabled = ConfigurationKey(
        "webex.enabled", .boolean, default: "true", "Whether Webex Contact Center is served")
    static let webexPort = ConfigurationKey(
        "webex.port", .integer(0...65_535), default: "8086",
        "TCP port of gRPC, beside `server.port`; 0 takes an unused one")
    static let webexAnswerMode = ConfigurationKey(
        "webex.answer_mode", .name(["chunk", "wav"]), default: "chunk",
        "How answers are sent: `chunk` as the bot speaks, `wav` each prompt as one file")
    static let webexVirtualAgents = ConfigurationKey(
        "webex.virtual_agents", .virtualAgents, default: "[{id: sidetone, name: Sidetone}]",
        "Bots that a flow may choose, the first by default; a `script` of its own or `bot.script`")
    static let webexDataSourceURL = ConfigurationKey(
        "webex.data_source_url", .text,
        "Address that the data source was registered with, to the letter. None: no token is asked")
    static let webexSchemaUUID = ConfigurationKey(
        "webex.schema_uuid", .text, default: "5397013b-7920-4ffc-807c-e8a3e0a18f43",
        "Schema that a token of the virtual agent must name")
    static let webexForkingSchemaUUID = ConfigurationKey(
        "webex.forking_schema_uuid", .text, default: "523e1b7f-4693-47bc-b84e-a7b7a505fb0b",
        "Schema that a token of media forking must name")
    static let webexAudience = ConfigurationKey(
        "webex.audience", .text, "Audience that a token must name. None: any")
    static let webexSubject = ConfigurationKey(
        "webex.subject", .text, "Subject that a token must name. None: any")
    static let webexIssuers = ConfigurationKey(
        "webex.issuers", .texts,
        default: """
            [https://idbroker.webex.com/idb, https://idbroker-eu.webex.com/idb, \
            https://idbroker-b-us.webex.com/idb, https://idbroker-ca.webex.com/idb, \
            https://idbrokerbts.webex.com/idb, https://idbrokerbts-eu.webex.com/idb]
            """,
        "Issuers of tokens; keys are fetched from these alone. The two `bts` serve tests")
    static let webexClientCA = ConfigurationKey(
        "webex.client_ca", .file,
        "Authorities in PEM: a client must show a certificate that one of them signed. None: "
            + "no certificate is asked")
    static let webexClientSubject = ConfigurationKey(
        "webex.client_subject", .text,
        "Whose certificates are taken: `CN=name` or `CN=*.domain`, with `, O=organization`. None: any"
    )
    static let webexIdleSeconds = ConfigurationKey(
        "webex.idle_seconds", .integer(1...86_400), default: "600",
        "How long a conversation without any message is kept, in seconds")
    static let webexPingPath = ConfigurationKey(
        "webex.ping_path", .requestPath,
        "Path on `server.port` that answers whether calls are taken, as JSON. None: not served")

    static let botKind = ConfigurationKey(
        "bot.kind", .name(["scripted", "echo", "websocket", "openai-realtime"]),
        default: "scripted",
        "`scripted` follows a script, `echo` says back the caller's last utterance, `websocket` is a "
            + "bot of yours behind `remote.url`, `openai-realtime` a model of OpenAI's")
    static let botScript = ConfigurationKey(
        "bot.script", .file,
        "Script of the scripted bot. None: the one that comes with the package")
    static let botEndpointProfile = ConfigurationKey(
        "bot.endpoint_profile", .name(["responsive", "patient", "adaptive"]),
        default: "responsive",
        "Silence that ends a caller's turn: `responsive` 320 ms, `patient` 600 ms, `adaptive` 400 to "
            + "640 ms by how finished it sounds")
    static let botBargeIn = ConfigurationKey(
        "bot.barge_in", .boolean, default: "true",
        "Whether callers may interrupt; `false` overrules every prompt of a script")
    static let botBargeInMode = ConfigurationKey(
        "bot.barge_in_mode", .name(["clear", "pause"]), default: "clear",
        "`clear` stops the bot for good, `pause` lets it go on if it vetoes within 400 ms")
    static let botBargeInSensitivity = ConfigurationKey(
        "bot.barge_in_sensitivity", .integer(2...100), default: "8",
        "Evidence that an interruption takes: 4 is eager, 8 standard, 16 strict")
    static let botCleanAudio = ConfigurationKey(
        "bot.clean_audio", .boolean, default: "false",
        "Whether bots are given the caller's audio without the bot's echo; such a call counts as 6")
    static let botFiller = ConfigurationKey(
        "bot.filler", .file,
        "Short recording (WAV), such as \"one moment\", that bridges a late answer. None: nothing does"
    )
    static let botFillerAfter = ConfigurationKey(
        "bot.filler_after_ms", .integer(320...10_000), default: "450",
        "How long after the caller's last word it begins, in milliseconds; a turn's budget is 500")
}
