// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
public import MediaEngine

/// Every limit and every choice of this adapter, in one place.
///
/// "Protocol" marks a number the AudioHook protocol v2 or its reference implementation states;
/// "choice" marks one that no public text states.
public enum GenesysPolicy {
    // MARK: Message sizes

    /// Characters (UTF-16 units, as ECMAScript counts them) of a text message in either direction.
    /// Protocol.
    public static let maximumTextCharacters = 65_535
    /// What a transport must let through so that the session can judge the characters: a UTF-16
    /// unit takes at most three bytes of UTF-8.
    public static let maximumTextBytes = 3 * maximumTextCharacters
    /// Bytes of a binary message from Genesys. Choice: eight seconds of PCMU, far beyond the
    /// 200 ms seen live.
    public static let maximumInboundBinaryBytes = 65_536
    /// Bytes of a binary message of ours. Choice: the smallest cap known to work live; the
    /// protocol's own is 64,000 or 65,536.
    public static let maximumOutboundBinaryBytes = 16_000
    /// Unicode scalars of a `disconnect` or `reconnect` info text. Choice: fits beside the largest
    /// payload even when every one of them has to be escaped.
    public static let maximumInfoCharacters = 200
    /// Characters of one event entity or of the output variables, written as JSON. Choice: leaves
    /// room for the envelope within ``maximumTextCharacters``.
    public static let maximumPayloadCharacters = 64_000

    // MARK: Deadlines

    /// From the connection to `open`. Choice.
    public static let openDeadline = MediaDuration.milliseconds(10_000)
    /// From `open` to our `opened`: the reference client gives up after 5 s. Choice: half a second
    /// less, so that a slow set-up ends with a reason.
    public static let setUpDeadline = MediaDuration.milliseconds(4_500)
    /// From the client's `close` to our `closed`, for last events: the reference client gives up
    /// after 10 s. Choice: half of that.
    public static let flushDeadline = MediaDuration.milliseconds(5_000)
    /// From our `disconnect` or `closed` until we close the connection ourselves, which is
    /// otherwise the client's part. Choice.
    public static let closeDeadline = MediaDuration.milliseconds(10_000)
    /// Without any message, text or audio, before the peer counts as gone. Choice: twelve of the
    /// reference client's ping intervals of 5 s.
    public static let silenceDeadline = MediaDuration.milliseconds(60_000)

    // MARK: Position

    /// How far the envelope's `position` may differ from the counted samples before it wins.
    ///
    /// Choice: the longer of this and the longest binary message so far. The position of a message
    /// sent between two audio messages may be taken at capture, up to one message ahead of what
    /// arrived; following each would move the timeline back and forth.
    public static let positionTolerance = MediaDuration.milliseconds(20)

    // MARK: Pace of what we send

    /// How far playout runs ahead of real time. Choice, as live implementers do.
    public static let playoutLead = MediaDuration.milliseconds(500)
    /// Audio per binary message after the first: four a second. Choice, so that a response begun
    /// while another plays stays under five a second as well.
    public static let playoutPacket = MediaDuration.milliseconds(250)
    /// Shortest time between binary messages: five a second is what every implementer sustains.
    public static let playoutInterval = MediaDuration.milliseconds(200)
    /// Binary messages that may leave at once after a pause. Choice: a fifth of the smallest burst
    /// that live implementers allow themselves.
    public static let playoutBurst = 5
    /// Audio that must be there before an unfinished answer starts. Choice: what a bot that speaks
    /// in real time must have ahead to be sent at five messages a second without stuttering.
    public static let playoutStartThreshold = MediaDuration.milliseconds(240)
    /// An unfinished answer below the threshold starts anyway after this long without more. Choice.
    public static let playoutStartPatience = MediaDuration.milliseconds(60)
    /// The numbers above as the engine takes them.
    public static let pacing = PacingProfile(
        lead: playoutLead, packet: playoutPacket, maximumPacket: playoutLead,
        startThreshold: playoutStartThreshold, startPatience: playoutStartPatience,
        packetInterval: playoutInterval, packetBurst: playoutBurst)
    /// Shortest time between `event` messages, sustained. Choice: five a second.
    public static let eventInterval = MediaDuration.milliseconds(200)
    /// `event` messages that may leave at once. Choice: the smallest burst seen live.
    public static let eventBurst = 20
    /// `event` messages that may wait for the pace; the newest is dropped beyond. Choice.
    public static let eventQueueCapacity = 64
    /// Slowest pace of `event` messages after repeated throttling. Choice.
    public static let slowestEventInterval = MediaDuration.milliseconds(1_000)
    /// Least time without sending after the client's error 429. Protocol advice.
    public static let throttleFloor = MediaDuration.milliseconds(1_000)
    /// Longest time without sending after the client's error 429, whatever it asks for. Choice.
    public static let throttleCeiling = MediaDuration.milliseconds(60_000)

    // MARK: Signature

    /// Greatest age of a signature. Protocol.
    public static let signatureMaximumAgeSeconds: Int64 = 10
    /// Allowed difference of the clocks. Protocol.
    public static let signatureClockSkewSeconds: Int64 = 3
    /// Least characters of a nonce. Protocol.
    public static let nonceMinimumCharacters = 22
    /// Most characters of a nonce, since nonces are remembered. Choice.
    public static let nonceMaximumCharacters = 256
    /// Nonces remembered; upgrades beyond are refused until some expire. Choice: 4,000 signed
    /// upgrades a second for as long as a signature is valid.
    public static let nonceCapacity = 65_536
    /// Signatures of one request that are tried. Choice.
    public static let maximumSignatures = 4
    /// From the start of a failing check to the answer. Protocol.
    public static let refusalDelay = MediaDuration.milliseconds(500)

    // MARK: The flow

    /// Output variable that names the destination when a bot transfers its call: the protocol has
    /// no message for it, the Architect flow decides by its variables. Choice.
    public static let transferVariable = "transferDestination"

    // MARK: Media

    /// The only rate of the protocol.
    public static let rate = SampleRate.hz8000
    /// Encodings we can take, best first.
    ///
    /// `L16` is read and written least significant byte first. The protocol does not state the
    /// order and RFC 3551 has the other one, but the reference implementation maps the bytes onto
    /// the integers of its little-endian hosts, and nothing else is known to speak it.
    public static let encodings: [GenesysEncoding] = [.pcmu, .l16]
    /// Channels a bot call takes, best first: a bot talks with the customer.
    public static let connectorChannels: [GenesysChannels] = [.external]
    /// Channels a monitored call takes, best first. Choice: both legs when both are offered.
    public static let monitorChannels: [GenesysChannels] = [.both, .external, .internal]
}
