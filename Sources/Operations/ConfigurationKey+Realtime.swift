// Sidetone
// SPDX-License-Identifier: Apache-2.0

extension ConfigurationKey {
    /// Settings of OpenAI's Realtime interface, in the order of the reference.
    static let realtime: [ConfigurationKey] = [
        realtimeURL, realtimeModel, realtimeKey, realtimeDialect, realtimeVoice,
        realtimeInstructions, realtimeTurnDetection, realtimeAudio, realtimeGreets,
    ]

    static let realtimeURL = ConfigurationKey(
        "realtime.url", .text, default: "wss://api.openai.com/v1/realtime",
        "Where the interface is; the model is added")
    static let realtimeModel = ConfigurationKey(
        "realtime.model", .text, default: "gpt-realtime", "Model that answers callers")
    static let realtimeKey = ConfigurationKey(
        "realtime.api_key", .secret, "The bearer key. None: none is sent")
    static let realtimeDialect = ConfigurationKey(
        "realtime.dialect", .name(["ga", "beta"]), default: "ga",
        "Version of the interface that is spoken")
    static let realtimeVoice = ConfigurationKey(
        "realtime.voice", .text, default: "marin", "Voice of the model")
    static let realtimeInstructions = ConfigurationKey(
        "realtime.instructions", .text, "What the model is told of its task. None: nothing")
    static let realtimeTurnDetection = ConfigurationKey(
        "realtime.turn_detection", .name(["server_vad", "semantic_vad", "sidetone"]),
        default: "server_vad",
        "Who finds the end of a turn: the far side in one of its ways, or `sidetone`")
    static let realtimeAudio = ConfigurationKey(
        "realtime.audio", .name(["pcmu", "pcma", "pcm16"]), default: "pcmu",
        "Audio both ways: G.711 at 8 kHz or PCM at 24 kHz")
    static let realtimeGreets = ConfigurationKey(
        "realtime.greets", .boolean, default: "true", "Whether the model speaks first")
}
