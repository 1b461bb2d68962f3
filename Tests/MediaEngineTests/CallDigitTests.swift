// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import Testing

/// Keys that are heard in the caller's audio, signalled by the platform, or both.
@Suite struct CallDigitTests {
    private static let five = DTMFDigit.all.first { $0.key == "5" }

    private func digits(_ rig: CallRig) -> String {
        String(rig.events.compactMap { if case .digit(let digit) = $0 { digit.key } else { nil } })
    }

    private func tones(_ keys: String) -> [Int16] {
        let generator = DTMFGenerator(rate: .hz8000)
        return Signal.silence(.milliseconds(300))
            + generator.samples(of: keys.compactMap { DTMFDigit($0) })
            + Signal.silence(.milliseconds(200))
    }

    @Test(arguments: [20, 200] as [Int64])
    func aKeyInTheAudioClearsThePromptAndIsTold(packet: Int64) throws {
        let rig = CallRig()
        let response = try #require(rig.call.beginResponse())
        rig.play(Signal.tone(.milliseconds(4000), hertz: 300, level: 3000), in: response)
        rig.speak(tones("5"), packet: .milliseconds(packet))
        #expect(digits(rig) == "5")
        #expect(rig.flushes.count == 1)
        // A key is no interruption by voice.
        #expect(!rig.events.contains { if case .bargeIn = $0 { true } else { false } })
        let ended = try #require(
            rig.events.firstIndex { if case .responseEnded = $0 { true } else { false } })
        let told = try #require(
            rig.events.firstIndex { if case .digit = $0 { true } else { false } })
        #expect(ended < told)
    }

    @Test func aKeyDoesNotClearWhatMustBeHeard() throws {
        let rig = CallRig()
        let response = try #require(rig.call.beginResponse(allowsBargeIn: false))
        rig.play(Signal.tone(.milliseconds(2000), hertz: 300, level: 3000), in: response)
        rig.speak(tones("5"))
        #expect(digits(rig) == "5" && rig.flushes.isEmpty)
    }

    @Test func aKeyThatIsAlsoSignalledIsToldOnce() throws {
        let rig = CallRig()
        rig.speak(tones("5"))
        rig.call.receive(try #require(Self.five), now: rig.now)
        rig.fetch()
        #expect(digits(rig) == "5")
        // Pressed again it is told again, whichever way it comes first.
        rig.wait(.milliseconds(600))
        rig.call.receive(try #require(Self.five), now: rig.now)
        rig.speak(tones("5"))
        #expect(digits(rig) == "55")
    }
}
