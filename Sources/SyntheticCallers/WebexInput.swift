// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import WebexMessages

/// What the server wants of the caller's next input: `input_mode` and `input_handling_config`.
struct WebexInput: Hashable, Sendable {
    var takesVoice = true
    var takesDigits = true
    /// Nil where the server names none.
    var interDigit: MediaDuration?
    var terminator: WebexDTMFDigits?
    var maximumDigits: Int?
    var noInput: MediaDuration?

    mutating func take(_ mode: WebexVoiceVAInputMode) {
        switch mode {
        case .inputVoice: (takesVoice, takesDigits) = (true, false)
        case .inputEventDtmf: (takesVoice, takesDigits) = (false, true)
        case .inputVoiceDtmf: (takesVoice, takesDigits) = (true, true)
        case .inputVoiceModeUnspecified, .UNRECOGNIZED: break
        }
    }

    mutating func take(_ config: WebexInputHandlingConfig) {
        let digits = config.dtmfConfig
        interDigit = Self.duration(digits.interDigitTimeoutMsec)
        maximumDigits = digits.dtmfInputLength > 0 ? Int(digits.dtmfInputLength) : nil
        terminator = digits.termchar.key == nil ? nil : digits.termchar
        noInput = Self.duration(config.speechTimers.noInputTimeoutMsec)
    }

    private static func duration(_ milliseconds: Int32) -> MediaDuration? {
        milliseconds > 0 ? .milliseconds(Int64(milliseconds)) : nil
    }
}

extension WebexInputHandlingConfig {
    /// What cannot be meant; nil when all is well.
    var fault: String? {
        let times = [
            ("inter_digit_timeout_msec", dtmfConfig.interDigitTimeoutMsec),
            ("dtmf_input_length", dtmfConfig.dtmfInputLength),
            ("max_speech_timeout_msec", speechTimers.maxSpeechTimeoutMsec),
            ("complete_timeout_msec", speechTimers.completeTimeoutMsec),
            ("incomplete_timeout_msec", speechTimers.incompleteTimeoutMsec),
            ("no_input_timeout_msec", speechTimers.noInputTimeoutMsec),
        ]
        return times.first { $0.1 < 0 }.map { "\($0.0) is \($0.1)" }
    }
}
