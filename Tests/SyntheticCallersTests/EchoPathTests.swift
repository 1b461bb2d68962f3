// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import NIOCore
import Testing

@testable import SyntheticCallers

@Suite struct EchoPathTests {
    private static let length = 16_000

    /// What the caller hears: noise of -20 dBov from the start of the call.
    private func heard() -> PlaybackBuffer {
        var playback = PlaybackBuffer(origin: .init(nanoseconds: 0), keepsAudio: true)
        let noise = ComfortNoise(level: -20, seed: 3).encoded.prefix(Self.length)
        _ = playback.receive(ByteBuffer(bytes: noise), at: .init(nanoseconds: 0))
        return playback
    }

    private func returned(_ path: EchoPath, of playback: PlaybackBuffer) -> [Int16] {
        var voice = ByteBuffer()
        for start in stride(from: 0, to: Self.length, by: 160) {
            let index = voice.writerIndex
            voice.writeRepeatingByte(MuLaw.silence, count: 160)
            path.add(to: &voice, from: index, position: start, heard: playback)
        }
        return MuLaw.decode(Array(voice.readableBytesView))
    }

    private func level(_ samples: some Collection<Int16>) -> Float {
        let sum = samples.reduce(0.0) { $0 + Double($1) * Double($1) }
        return Level.dBov(meanSquare: sum / Double(samples.count))
    }

    @Test(arguments: [6.0, 15, 25])
    func theEchoIsAsMuchQuieterAsSaid(returnLoss: Double) {
        let path = EchoPath(returnLoss: returnLoss, delay: .milliseconds(100))
        let echo = returned(path, of: heard())
        #expect(abs(level(echo.dropFirst(1000)) - Float(-20 - returnLoss)) < 1)
    }

    @Test func itComesAfterTheDelay() {
        let echo = returned(EchoPath(returnLoss: 10, delay: .milliseconds(250)), of: heard())
        #expect(echo.prefix(2000).allSatisfy { $0 == 0 })
        #expect(level(echo[2000..<2400]) > -35)
    }

    @Test func silenceHasNone() {
        let playback = PlaybackBuffer(origin: .init(nanoseconds: 0), keepsAudio: true)
        let echo = returned(EchoPath(returnLoss: 6, delay: .zero), of: playback)
        #expect(echo.allSatisfy { $0 == 0 })
    }
}
