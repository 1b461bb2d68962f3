// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SpeechDetection

@Suite struct EchoCancellerTests {
    /// Energy that went in and that was left, over the blocks of `range`.
    private func energies(_ line: EchoLine, lag: Int, from: Int) -> (near: Float, residual: Float) {
        var canceller = EchoCanceller(memory: EchoCancellerMemory())
        canceller.restart(at: lag)
        var near: Float = 0
        var left: Float = 0
        for index in 0..<line.blockCount {
            canceller.observeFar(line.farBlock(index).span)
            var residual = BlockValues(repeating: 0)
            var output = residual.mutableSpan
            let block = line.nearBlock(index)
            canceller.cancel(block.span, into: &output)
            guard index >= from else { continue }
            near += SpectralKernels.energy(block.span)
            left += SpectralKernels.energy(residual.span)
        }
        return (near, left)
    }

    private func noise(seconds: Float, peak: Float) -> [Float] {
        var random = SeededRandom(seed: 4)
        var last: Float = 0
        return (0..<Int(8000 * seconds)).map { _ in
            // Nothing at half the sample rate, as on a telephone.
            let sample = random.sample()
            defer { last = sample }
            return peak * 0.5 * (sample + last)
        }
    }

    @Test(arguments: [0, 200, 1600, 4800])
    func takesNoiseThroughAHybridDownBy15DecibelsWithinASecond(delay: Int) {
        let line = EchoLine(
            prompt: noise(seconds: 2, peak: 8000), delays: [(0, delay)], gain: 0.4, noise: 2)
        let (near, left) = energies(line, lag: delay / 64, from: delay / 64 + 125)
        #expect(left * 32 < near)
    }

    @Test func leavesTheCallerAlone() {
        var voice = SyntheticVoice(seed: 6)
        let caller = voice.samples(seconds: 1)
        let line = EchoLine(
            prompt: noise(seconds: 2, peak: 4000), delays: [(0, 640)], gain: 0.3, noise: 2,
            caller: caller, callerStart: 8000)
        let (_, left) = energies(line, lag: 10, from: 125)
        let spoken = caller.reduce(0) { $0 + $1 * $1 }
        #expect(left > 0.7 * spoken)
        #expect(left < 1.5 * spoken)
    }

    @Test func restsInBetweenDoNoHarm() {
        let line = EchoLine(
            prompt: noise(seconds: 1.6, peak: 8000), delays: [(0, 640)], gain: 0.4, noise: 2)
        var canceller = EchoCanceller(memory: EchoCancellerMemory())
        canceller.restart(at: 10)
        var left: Float = 0
        var near: Float = 0
        for index in 0..<line.blockCount {
            canceller.observeFar(line.farBlock(index).span)
            // Rests for three blocks and for thirty.
            if index % 4 == 3 || (130..<160).contains(index) { continue }
            var residual = BlockValues(repeating: 0)
            var output = residual.mutableSpan
            let block = line.nearBlock(index)
            canceller.cancel(block.span, into: &output)
            guard index >= 160 else { continue }
            near += SpectralKernels.energy(block.span)
            left += SpectralKernels.energy(residual.span)
        }
        #expect(left * 12 < near)
    }

    @Test func memoryIsCleanForItsNextUser() {
        let line = EchoLine(
            prompt: noise(seconds: 0.4, peak: 8000), delays: [(0, 640)], gain: 0.4)
        func run(_ memory: EchoCancellerMemory) -> ([Float], EchoCancellerMemory) {
            var canceller = EchoCanceller(memory: memory)
            canceller.restart(at: 10)
            var all: [Float] = []
            for index in 0..<line.blockCount {
                canceller.observeFar(line.farBlock(index).span)
                var residual = BlockValues(repeating: 0)
                var output = residual.mutableSpan
                canceller.cancel(line.nearBlock(index).span, into: &output)
                for sample in 0..<64 { all.append(residual[sample]) }
            }
            return (all, canceller.memory)
        }
        let (first, used) = run(EchoCancellerMemory())
        let (second, _) = run(used)
        #expect(first == second)
    }
}
