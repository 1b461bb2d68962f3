// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import SpeechDetection

/// Something like speech, the same in every run: syllables of a gliding pitch with two formants,
/// hisses between some of them, pauses between phrases.
struct SyntheticVoice {
    private var random: SeededRandom
    private var pitch: Float

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        pitch = 95 + 40 * Float(seed % 4)
    }

    mutating func samples(seconds: Float, peak: Float = 6000) -> [Float] {
        var result: [Float] = []
        let count = Int(seconds * 8000)
        while result.count < count {
            for _ in 0..<(4 + Int(3 * abs(random.sample()))) {
                appendSyllable(to: &result, peak: peak)
            }
            result += Array(repeating: 0, count: 800 + Int(1600 * abs(random.sample())))
        }
        return Array(result.prefix(count))
    }

    private mutating func appendSyllable(to result: inout [Float], peak: Float) {
        let first = 300 + 500 * abs(random.sample())
        let second = 900 + 1600 * abs(random.sample())
        let glide = 1 + 0.2 * random.sample()
        let length = 900 + Int(900 * abs(random.sample()))
        let isHissed = random.sample() > 0.2
        let base = pitch
        let amplitudes = (1...30).map { harmonic -> Float in
            let frequency = base * Float(harmonic)
            return exp(-pow((frequency - first) / 180, 2))
                + 0.5 * exp(-pow((frequency - second) / 250, 2)) + 0.02
        }
        var phase: Float = 0
        for index in 0..<length {
            let place = Float(index) / Float(length)
            phase += 2 * .pi * base * (1 + (glide - 1) * place) / 8000
            let envelope = sin(.pi * place) * peak
            var sample: Float = 0
            for harmonic in 1...30 where base * Float(harmonic) < 3600 {
                sample += amplitudes[harmonic - 1] * sin(phase * Float(harmonic))
            }
            result.append(0.3 * envelope * sample)
        }
        if isHissed {
            var last: Float = 0
            for index in 0..<500 {
                let noise = random.sample()
                result.append(0.25 * peak * sin(.pi * Float(index) / 500) * (noise - last))
                last = noise
            }
        }
    }
}

/// A far end and the line that returns it.
struct EchoLine {
    var far: [Int16]
    var near: [Int16]

    /// - Parameters:
    ///   - delay: samples from the far end to its echo, from each of the given samples on.
    ///   - gain: of the echo path; its response is short and uneven.
    ///   - caller: added from `callerStart` on.
    init(
        prompt: [Float], delays: [(from: Int, samples: Int)], gain: Float, noise: Float = 6,
        caller: [Float] = [], callerStart: Int = 0
    ) {
        let response: [Float] = [0.7, -0.4, 0.35, 0.2, -0.3, 0.15, 0.1, -0.1]
        var random = SeededRandom(seed: 99)
        far = prompt.map { Int16($0.rounded()) }
        near = prompt.indices.map { index in
            var sample = noise * random.sample()
            let delay = delays.last { $0.from <= index }?.samples ?? 0
            for (tap, weight) in response.enumerated() where index >= delay + 3 * tap {
                sample += gain * weight * prompt[index - delay - 3 * tap]
            }
            if index >= callerStart, index - callerStart < caller.count {
                sample += caller[index - callerStart]
            }
            return Int16(max(-32_768, min(32_767, sample)).rounded())
        }
    }

    var blockCount: Int { near.count / 64 }

    func nearBlock(_ index: Int) -> [Float] { near[index * 64..<index * 64 + 64].map(Float.init) }
    func farBlock(_ index: Int) -> [Int16] { Array(far[index * 64..<index * 64 + 64]) }
}
