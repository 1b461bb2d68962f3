// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CSidetone
import MediaEngine
import SpeechDetection
import Testing

@testable import SidetoneC

/// What hosts may ask of a call, and what they may not.
@Suite struct CallSettingsTests {
    typealias Change = @Sendable (inout sidetone_call_config) -> Void

    @Test func zeroIsTheDefaultOfEverything() throws {
        let configuration = try CallConfiguration(sidetone_call_config())
        #expect(configuration.ingress == .pcmu8000)
        #expect(configuration.egress?.format == .pcmu8000)
        #expect(configuration.botRate == .hz8000)
        #expect(configuration.delivery == .turns)
        #expect(configuration.endpoints == .responsive)
        #expect(configuration.bargeIn == BargeInPolicy())
        #expect(configuration.stallThreshold == .milliseconds(1000))
        #expect(configuration.playoutCapacity == .milliseconds(60_000))
    }

    @Test func everyFieldArrives() throws {
        var config = sidetone_call_config()
        config.from_platform = sidetone_format(
            encoding: Int32(SIDETONE_L16_BIG_ENDIAN), rate_hz: 16_000, channels: 2, reserved: 0)
        config.to_platform = sidetone_format(
            encoding: Int32(SIDETONE_PCMA), rate_hz: 8000, channels: 1, reserved: 0)
        config.channel = 1
        config.bot_rate_hz = 24_000
        config.flags = UInt32(SIDETONE_CALL_CONTINUOUS | SIDETONE_CALL_CLEAN_AUDIO)
        config.endpoints = Int32(SIDETONE_ENDPOINTS_CUSTOM)
        (config.eager_ms, config.earliest_ms, config.confirmed_ms) = (100, 200, 300)
        config.barge_in = Int32(SIDETONE_BARGE_IN_PAUSE)
        config.barge_in_evidence = 12
        config.veto_window_ms = 250
        config.stall_threshold_ms = 700
        config.playout_capacity_ms = 900
        config.playback_offset_limit_ms = 2000
        config.pacing = Int32(SIDETONE_PACING_CUSTOM)
        (config.pacing_lead_ms, config.pacing_packet_ms) = (-1, 250)
        (config.pacing_maximum_packet_ms, config.pacing_start_threshold_ms) = (500, 240)
        (config.pacing_start_patience_ms, config.pacing_packet_interval_ms) = (60, 200)
        (config.pacing_packet_burst, config.pacing_separates_responses) = (5, 1)
        let made = try CallConfiguration(config)
        #expect(made.ingress == AudioFormat(.linear16BigEndian, rate: .hz16000, channels: 2))
        #expect(made.channel == 1)
        #expect(made.egress?.format == .pcma8000)
        #expect(made.botRate == .hz24000)
        #expect(made.delivery == .continuous)
        #expect(made.cleansAudio)
        #expect(
            made.endpoints
                == EndpointProfile(
                    eager: .milliseconds(100), earliest: .milliseconds(200),
                    confirmed: .milliseconds(300)))
        #expect(
            made.bargeIn
                == BargeInPolicy(
                    mode: .pause, sensitivity: BargeInSensitivity(evidence: 12),
                    vetoWindow: .milliseconds(250)))
        #expect(made.stallThreshold == .milliseconds(700))
        #expect(made.playoutCapacity == .milliseconds(900))
        #expect(
            made.egress?.pacing
                == PacingProfile(
                    lead: nil, packet: .milliseconds(250), maximumPacket: .milliseconds(500),
                    startThreshold: .milliseconds(240), startPatience: .milliseconds(60),
                    packetInterval: .milliseconds(200), packetBurst: 5, joinsResponses: false,
                    playbackOffsetLimit: .milliseconds(2000)))
    }

    static let refused: [Change] = [
        { $0.from_platform.encoding = 4 }, { $0.from_platform.encoding = -1 },
        { $0.from_platform.rate_hz = 11_025 }, { $0.from_platform.rate_hz = -8000 },
        { $0.from_platform.channels = 9 },
        { $0.from_platform.channels = -1 }, { $0.from_platform.reserved = 1 },
        { $0.to_platform.channels = 2 }, { $0.to_platform.rate_hz = 44_100 },
        { $0.to_platform.reserved = 1 }, { $0.channel = 1 }, { $0.channel = -1 },
        { $0.bot_rate_hz = 7999 }, { $0.bot_rate_hz = 48_001 }, { $0.flags = 8 },
        { $0.endpoints = 4 }, { $0.endpoints = 3 },
        {
            $0.endpoints = 3
            $0.eager_ms = 300
            $0.confirmed_ms = 200
        },
        {
            $0.endpoints = 3
            $0.eager_ms = 1
            $0.confirmed_ms = .max
        }, { $0.barge_in = 2 },
        { $0.barge_in_evidence = -1 }, { $0.barge_in_evidence = .nan },
        { $0.barge_in_evidence = .infinity }, { $0.veto_window_ms = -1 },
        { $0.stall_threshold_ms = .min }, { $0.playout_capacity_ms = 600_001 },
        { $0.playback_offset_limit_ms = 4001 }, { $0.pacing = 3 },
        {
            $0.pacing = 2
            $0.pacing_packet_ms = 10_001
        },
        {
            $0.pacing = 2
            $0.pacing_packet_ms = 50
            $0.pacing_maximum_packet_ms = 20
        },
        {
            $0.pacing = 2
            $0.pacing_packet_ms = 50
            $0.pacing_lead_ms = 49
        },
        {
            $0.pacing = 2
            $0.pacing_lead_ms = -2
        },
        {
            $0.pacing = 2
            $0.pacing_packet_burst = -1
        },
    ]

    @Test(arguments: refused.indices)
    func whatIsOutsideOfItsRangeIsRefused(index: Int) {
        var config = sidetone_call_config()
        Self.refused[index](&config)
        #expect(throws: Refusal.self) { try CallConfiguration(config) }
    }
}
