// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import CSidetone
internal import MediaEngine
internal import SpeechDetection

// What a host may ask of a call, brought into the engine's own terms.

extension CallConfiguration {
    private static let longestTime: Int32 = 600_000

    init(_ config: sidetone_call_config) throws(Refusal) {
        let known = SIDETONE_CALL_CONTINUOUS | SIDETONE_CALL_LISTEN_ONLY | SIDETONE_CALL_CLEAN_AUDIO
        guard config.flags & ~UInt32(known) == 0 else { throw .invalidArgument }
        func has(_ flag: Int) -> Bool { config.flags & UInt32(flag) != 0 }

        let ingress = try AudioFormat(config.from_platform)
        guard SpeechDetector.supports(ingress.rate), ingress.channels <= 8,
            (0..<ingress.channels).contains(Int(config.channel))
        else { throw .invalidArgument }
        let botRate = config.bot_rate_hz == 0 ? 8000 : config.bot_rate_hz
        guard (8000...48_000).contains(botRate) else { throw .invalidArgument }

        self.init(
            ingress: ingress, channel: Int(config.channel),
            egress: has(SIDETONE_CALL_LISTEN_ONLY)
                ? nil : try Egress(config, like: ingress),
            botRate: SampleRate(hertz: Int(botRate)),
            delivery: has(SIDETONE_CALL_CONTINUOUS) ? .continuous : .turns,
            endpoints: try EndpointProfile(
                config.endpoints, eager: config.eager_ms, earliest: config.earliest_ms,
                confirmed: config.confirmed_ms),
            bargeIn: try BargeInPolicy(config), cleansAudio: has(SIDETONE_CALL_CLEAN_AUDIO),
            stallThreshold: try .within(
                1...Self.longestTime, config.stall_threshold_ms, orDefault: 1000),
            playoutCapacity: try .within(
                1...Self.longestTime, config.playout_capacity_ms, orDefault: 60_000))
    }
}

extension CallConfiguration.Egress {
    fileprivate init(_ config: sidetone_call_config, like ingress: AudioFormat) throws(Refusal) {
        let given = config.to_platform
        let isUnset = given.encoding == 0 && given.rate_hz == 0 && given.channels == 0
        let format =
            isUnset
            ? AudioFormat(ingress.encoding, rate: ingress.rate) : try AudioFormat(given)
        guard format.channels == 1, given.reserved == 0,
            [8000, 16_000, 24_000, 32_000, 48_000].contains(format.rate.hertz)
        else { throw .invalidArgument }
        self.init(format: format, pacing: try PacingProfile(config))
    }
}

extension PacingProfile {
    fileprivate init(_ config: sidetone_call_config) throws(Refusal) {
        let offset = try MediaDuration.within(
            0...4000, config.playback_offset_limit_ms, orDefault: 0)
        switch Int(config.pacing) {
        case SIDETONE_PACING_REAL_TIME:
            self.init(
                lead: .milliseconds(40), packet: .milliseconds(20),
                maximumPacket: .milliseconds(20), startThreshold: .milliseconds(20),
                startPatience: .milliseconds(60), packetInterval: .zero, packetBurst: 1,
                playbackOffsetLimit: offset)
        case SIDETONE_PACING_UNPACED:
            self.init(
                lead: nil, packet: .milliseconds(100), maximumPacket: .milliseconds(8192),
                startThreshold: .milliseconds(100), startPatience: .milliseconds(100),
                packetInterval: .zero, packetBurst: 1, joinsResponses: false,
                playbackOffsetLimit: offset)
        case SIDETONE_PACING_CUSTOM: try self.init(custom: config, offset: offset)
        default: throw .invalidArgument
        }
    }

    private init(custom config: sidetone_call_config, offset: MediaDuration) throws(Refusal) {
        let packet = try MediaDuration.within(1...10_000, config.pacing_packet_ms, orDefault: 20)
        let longest = try MediaDuration.within(
            1...10_000, config.pacing_maximum_packet_ms, orDefault: packet.nanoseconds / 1_000_000)
        let times: ClosedRange<Int32> = 0...600_000
        let isAtOnce = config.pacing_lead_ms == -1
        let lead =
            isAtOnce ? nil : try MediaDuration.within(times, config.pacing_lead_ms, orDefault: 40)
        let burst = config.pacing_packet_burst == 0 ? 1 : config.pacing_packet_burst
        guard packet <= longest, (lead ?? packet) >= packet, (1...1000).contains(burst) else {
            throw .invalidArgument
        }
        self.init(
            lead: lead, packet: packet, maximumPacket: longest,
            startThreshold: try .within(times, config.pacing_start_threshold_ms, orDefault: 0),
            startPatience: try .within(times, config.pacing_start_patience_ms, orDefault: 0),
            packetInterval: try .within(times, config.pacing_packet_interval_ms, orDefault: 0),
            packetBurst: Int(burst), joinsResponses: config.pacing_separates_responses == 0,
            playbackOffsetLimit: offset)
    }
}

extension BargeInPolicy {
    fileprivate init(_ config: sidetone_call_config) throws(Refusal) {
        let mode: Mode
        switch Int(config.barge_in) {
        case SIDETONE_BARGE_IN_CLEAR: mode = .clear
        case SIDETONE_BARGE_IN_PAUSE: mode = .pause
        default: throw .invalidArgument
        }
        self.init(
            mode: mode, sensitivity: try BargeInSensitivity(host: config.barge_in_evidence),
            vetoWindow: try .within(1...600_000, config.veto_window_ms, orDefault: 400))
    }
}

extension BargeInSensitivity {
    /// - Parameter evidence: zero for the standard.
    init(host evidence: Float) throws(Refusal) {
        guard evidence != 0 else {
            self = .standard
            return
        }
        guard evidence > 0, evidence <= 1000 else { throw .invalidArgument }
        self.init(evidence: evidence)
    }
}

extension EndpointProfile {
    init(
        _ kind: Int32, eager: Int32, earliest: Int32, confirmed: Int32
    ) throws(Refusal) {
        switch Int(kind) {
        case SIDETONE_ENDPOINTS_RESPONSIVE: self = .responsive
        case SIDETONE_ENDPOINTS_PATIENT: self = .patient
        case SIDETONE_ENDPOINTS_ADAPTIVE: self = .adaptive
        case SIDETONE_ENDPOINTS_CUSTOM:
            let earliest = earliest == 0 ? confirmed : earliest
            guard eager > 0, eager <= earliest, earliest <= confirmed, confirmed <= 600_000 else {
                throw .invalidArgument
            }
            self.init(
                eager: .milliseconds(Int64(eager)), earliest: .milliseconds(Int64(earliest)),
                confirmed: .milliseconds(Int64(confirmed)))
        default: throw .invalidArgument
        }
    }
}

extension AudioEncoding {
    init(host encoding: Int32) throws(Refusal) {
        switch Int(encoding) {
        case SIDETONE_PCMU: self = .pcmu
        case SIDETONE_PCMA: self = .pcma
        case SIDETONE_L16_LITTLE_ENDIAN: self = .linear16LittleEndian
        case SIDETONE_L16_BIG_ENDIAN: self = .linear16BigEndian
        default: throw .invalidArgument
        }
    }
}

extension AudioFormat {
    fileprivate init(_ format: sidetone_format) throws(Refusal) {
        let rate = format.rate_hz == 0 ? 8000 : format.rate_hz
        let channels = format.channels == 0 ? 1 : format.channels
        guard (8000...48_000).contains(rate), channels >= 1, format.reserved == 0 else {
            throw .invalidArgument
        }
        self.init(
            try AudioEncoding(host: format.encoding), rate: SampleRate(hertz: Int(rate)),
            channels: Int(channels))
    }
}

extension ExpectedSpeech {
    init(host expected: Int32) throws(Refusal) {
        switch Int(expected) {
        case SIDETONE_EXPECT_FREE_SPEECH: self = .freeSpeech
        case SIDETONE_EXPECT_YES_NO: self = .yesNo
        case SIDETONE_EXPECT_DIGITS: self = .digits
        default: throw .invalidArgument
        }
    }
}

extension MediaDuration {
    /// Milliseconds of the host, of which zero is the default.
    fileprivate static func within(
        _ range: ClosedRange<Int32>, _ milliseconds: Int32, orDefault other: Int64
    ) throws(Refusal) -> MediaDuration {
        guard milliseconds != 0 else { return .milliseconds(other) }
        guard range.contains(milliseconds) else { throw .invalidArgument }
        return .milliseconds(Int64(milliseconds))
    }
}
