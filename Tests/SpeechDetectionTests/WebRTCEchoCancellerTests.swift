// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CAllocationCounter
import Foundation
import SpeechDetection
import Testing

@Suite struct WebRTCEchoCancellerTests {
    /// Voice-like noise: syllables of 90 to 340 ms, so that no lag fits but the true one.
    private static func speech(_ count: Int, seed: UInt32, level: Double) -> [Double] {
        var state = seed
        func next() -> Double {
            state = state &* 1_664_525 &+ 1_013_904_223
            return Double(state >> 8) / Double(1 << 24)
        }
        var samples: [Double] = []
        samples.reserveCapacity(count + 3000)
        var low = 0.0
        while samples.count < count {
            let length = 720 + Int(next() * 2000)
            let color = 0.3 + 0.6 * next()
            let loudness = level * (0.2 + 0.8 * next())
            for index in 0..<length {
                let noise = next() - 0.5
                low = color * low + (1 - color) * noise
                let shape = sin(Double.pi * Double(index) / Double(length))
                samples.append(loudness * shape * (low + 0.2 * noise))
            }
        }
        return Array(samples[0..<count])
    }

    /// The echo of `far`: delayed, with reflections, `loss` dB down.
    private static func echo(of far: [Double], delay: Int, loss: Double) -> [Double] {
        let gain = pow(10, -loss / 20) / 1.16
        return far.indices.map { index in
            var sum = 0.0
            for (tap, value) in [(0, 1.0), (5, -0.5), (23, 0.3)] where index >= delay + tap {
                sum += value * far[index - delay - tap]
            }
            return gain * sum
        }
    }

    /// - Parameter shift: samples by which the far end is given later, from the first second on.
    private static func clean(_ near: [Double], far: [Double], shift: Int = 0) -> [Double] {
        var canceller = WebRTCEchoCanceller()
        let size = WebRTCEchoCanceller.frameLength
        var output: [Double] = []
        for start in stride(from: 0, to: near.count - size + 1, by: size) {
            var heard = [Int16](repeating: 0, count: size)
            var spoken = heard
            for index in 0..<size {
                let place = start + index - (start < 8000 ? 0 : shift)
                heard[index] = place < 0 ? 0 : Int16(far[place])
                spoken[index] = Int16(near[start + index])
            }
            var room = spoken.mutableSpan
            canceller.process(far: heard.span, near: &room)
            for sample in spoken { output.append(Double(sample)) }
        }
        return output
    }

    private static func power(_ samples: some Sequence<Double>) -> Double {
        10 * log10(samples.reduce(1e-9) { $0 + $1 * $1 })
    }

    @Test(arguments: [20, 180, 450])
    func anEchoIsGoneAfterThreeSeconds(delay milliseconds: Int) {
        let far = Self.speech(64_000, seed: 1, level: 20_000)
        let echo = Self.echo(of: far, delay: milliseconds * 8, loss: 10)
        let output = Self.clean(echo, far: far, shift: max(0, milliseconds - 60) * 8)
        let loss = Self.power(echo[24_000..<64_000]) - Self.power(output[24_000..<64_000])
        #expect(loss > 15)
    }

    @Test func theCallersVoiceIsKept() {
        let far = Self.speech(64_000, seed: 1, level: 20_000)
        let echo = Self.echo(of: far, delay: 1440, loss: 12)
        // The caller speaks alone, after the prompt.
        let silentFar = Array(far[0..<40_000]) + [Double](repeating: 0, count: 24_000)
        let silentEcho = Self.echo(of: silentFar, delay: 1440, loss: 12)
        let voice = Self.speech(64_000, seed: 9, level: 16_000)
        let alone = silentEcho.indices.map { silentEcho[$0] + ($0 >= 48_000 ? voice[$0] : 0) }
        let kept =
            Self.power(Self.clean(alone, far: silentFar)[48_000..<64_000])
            - Self.power(voice[48_000..<64_000])
        #expect(abs(kept) < 2)
        // And over the prompt, of which less is left than of the voice.
        let both = echo.indices.map { echo[$0] + ($0 >= 48_000 ? voice[$0] : 0) }
        let over = Self.power(Self.clean(both, far: far)[48_000..<64_000])
        #expect(over > Self.power(voice[48_000..<64_000]) - 8)
    }

    @Test func aFrameAllocatesNothing() {
        guard allocation_counter_available() else { return }
        var canceller = WebRTCEchoCanceller()
        let far = [Int16](repeating: 1000, count: 80)
        var near = [Int16](repeating: 500, count: 80)
        allocation_counter_start()
        for _ in 0..<300 {
            var room = near.mutableSpan
            canceller.process(far: far.span, near: &room)
        }
        let count = allocation_counter_stop()
        #expect(count == 0)
    }
}
