// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import WebexMessages

/// The keys of the caller: those still to be pressed, and those that the platform collects.
struct WebexKeys: Hashable, Sendable {
    var waiting: [Character] = []
    /// The next key is pressed then.
    var pressAt: MediaInstant?
    var isCollecting = false
    var collected: [WebexDTMFDigits] = []
    /// The input is complete then, unless another key comes.
    var completeAt: MediaInstant?
}

extension WebexPlatform {
    mutating func dial(_ digits: String, at now: MediaInstant) {
        keys.waiting.append(contentsOf: digits.uppercased())
        keys.pressAt = keys.pressAt ?? now
    }

    mutating func pressKey(at due: MediaInstant) {
        guard !keys.waiting.isEmpty else {
            keys.pressAt = nil
            return
        }
        let key = keys.waiting.removeFirst()
        keys.pressAt = due + options.limits.keyInterval
        guard let digit = WebexDTMFDigits(key: key) else { return }
        log.note(.caller, "dials", String(key), at: due)
        if !keys.isCollecting {
            guard input.takesDigits, takesInput(at: due) else {
                return log.note(.platform, "drops", "the key: no input is awaited", at: due)
            }
            beginCollecting(at: due)
        }
        collect(digit, at: due)
    }

    private mutating func beginCollecting(at now: MediaInstant) {
        keys.isCollecting = true
        noInputAt = nil
        silence(at: now)
        if let answering { abandon(answering, .bargeIn, at: now) }
        let number: Int
        if let audioRPC, options.startsDigitsOnAudioRPC {
            number = audioRPC
        } else {
            if let audioRPC { abandon(audioRPC, .digits, at: now) }
            number = open(.startOfDigits, at: now)
        }
        send(on: number) { $0.write(.startOfDtmf, into: &$1) }
        if rpc(number)?.purpose == .startOfDigits {
            halfClose(number, at: now)
            setTimeout(options.limits.completionTimeout, of: number, at: now)
        } else {
            abandon(number, .digits, at: now)
        }
    }

    private mutating func collect(_ digit: WebexDTMFDigits, at now: MediaInstant) {
        let terminates = digit == input.terminator
        if !terminates || options.includesTerminator { keys.collected.append(digit) }
        if terminates || input.maximumDigits.map({ keys.collected.count >= $0 }) ?? false {
            return completeKeys(at: now)
        }
        keys.completeAt = now + (input.interDigit ?? options.limits.interDigit)
    }

    mutating func completeKeys(at now: MediaInstant) {
        let digits = keys.collected
        keys.collected = []
        keys.completeAt = nil
        keys.isCollecting = false
        let text = String(digits.compactMap(\.key))
        log.note(.platform, "digits", text, at: now)
        let number = open(.digits, at: now)
        send(on: number) { $0.write(digits: digits, into: &$1) }
        completeInput(number, at: now)
    }
}
