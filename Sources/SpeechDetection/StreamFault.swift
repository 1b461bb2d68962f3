// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Something wrong with a stream that no caller does: its format, its level or its way here.
///
/// The raw value is its name in logs and metrics.
public enum StreamFault: String, Hashable, Sendable, CaseIterable {
    /// The octets are mu-law and were decoded as A-law.
    case muLawReadAsALaw = "mulaw_read_as_alaw"
    /// The octets are A-law and were decoded as mu-law.
    case aLawReadAsMuLaw = "alaw_read_as_mulaw"
    /// The octets of 16-bit samples are in the other order.
    case swappedOctets = "swapped_octets"
    /// The octets are 16-bit samples and were decoded as mu-law, one sample each.
    case linearReadAsMuLaw = "linear_read_as_mulaw"
    /// Likewise, as A-law.
    case linearReadAsALaw = "linear_read_as_alaw"
    /// The octets are mu-law and were taken for 16-bit samples, two for each.
    case muLawReadAsLinear = "mulaw_read_as_linear"
    /// Likewise, A-law.
    case aLawReadAsLinear = "alaw_read_as_linear"
    /// Speech sounds as if played at half its speed: 16 kHz taken for 8 kHz.
    case slowSpeech = "slow_speech"
    /// Speech sounds as if played at twice its speed: 8 kHz taken for 16 kHz.
    case fastSpeech = "fast_speech"
    /// The bot has been heard for long and the caller never was.
    case oneWayAudio = "one_way_audio"
    /// The same sample again and again: nothing is connected.
    case deadAir = "dead_air"
    /// The line is overdriven: many samples stand at the limit of the format.
    case clipping
    /// The line has a constant part.
    case offset
}

extension StreamFault {
    /// The faults of the format: what the octets were decoded as.
    static let confusions: [StreamFault] = [
        .muLawReadAsALaw, .aLawReadAsMuLaw, .swappedOctets, .linearReadAsMuLaw, .linearReadAsALaw,
        .muLawReadAsLinear, .aLawReadAsLinear,
    ]
    private static let order =
        confusions + [.slowSpeech, .fastSpeech, .oneWayAudio, .deadAir, .clipping, .offset]

    /// Place among all faults; the confusions come first.
    var number: Int {
        for index in 0..<Self.order.count where Self.order[index] == self { return index }
        return Self.order.count
    }

    init(number: Int) { self = Self.order[number] }
}
