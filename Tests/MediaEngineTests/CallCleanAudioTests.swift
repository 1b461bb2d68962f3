// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import Testing

@testable import MediaEngine

/// A bot that wants the caller's audio without its own echo.
@Suite struct CallCleanAudioTests {
    private func level(_ samples: some Sequence<Int16>) -> Double {
        10 * log10(samples.reduce(1) { $0 + Double($1) * Double($1) })
    }

    private func play(_ seconds: Double, on line: EchoLine) throws {
        let response = try #require(line.rig.call.beginResponse(allowsBargeIn: false))
        line.rig.play(CallFarEndTests.speech(seconds), in: response)
        line.rig.call.endResponse(response, now: line.rig.now)
    }

    @Test(arguments: [20, 200] as [Int64])
    func theBotHearsTheCallerAndNotItself(packet: Int64) throws {
        let line = EchoLine(delay: 140, cleansAudio: true)
        line.caller =
            [Int16](repeating: 0, count: 50_000) + Signal.voice(.milliseconds(1000), level: 4000)
        line.run(.milliseconds(200), packet: .milliseconds(packet))
        try play(6, on: line)
        line.run(.milliseconds(7200), packet: .milliseconds(packet))
        let heard = line.rig.callerAudio
        // All but the frame under way, none of it twice.
        #expect(heard.count == line.returned.count / 80 * 80)
        #expect(line.rig.call.ingressLedger.isBalanced)
        // From the third second on little is left of the echo.
        let echo = 26_000..<49_000
        #expect(level(line.returned[echo]) - level(heard[echo]) > 15)
        // The caller, who speaks when the prompt is over, is heard as loud as they were.
        let voice = 51_600..<58_000
        #expect(abs(level(line.returned[voice]) - level(heard[voice])) < 2.5)
    }

    @Test func packetsOfAnyLengthAreCleanedTheSame() throws {
        let heard = try [Int64(20), 200].map { packet in
            let line = EchoLine(delay: 140, cleansAudio: true)
            line.run(.milliseconds(200), packet: .milliseconds(packet))
            try play(2, on: line)
            line.run(.milliseconds(1600), packet: .milliseconds(packet))
            return line.rig.callerAudio
        }
        #expect(heard[0] == heard[1])
    }

    @Test func aJumpOfTheTimelineLeavesNothingBehind() throws {
        let line = EchoLine(delay: 140, cleansAudio: true)
        line.run(.milliseconds(100), packet: .milliseconds(20))
        let rig = line.rig
        rig.call.moveTimeline(to: SamplePosition(1000), now: rig.now)
        rig.arrive(Signal.silence(.milliseconds(300)))
        rig.call.moveTimeline(to: SamplePosition(90_000), now: rig.now)
        rig.arrive(Signal.silence(.milliseconds(300)))
        #expect(rig.call.ingressLedger.isBalanced)
        #expect(rig.call.ingressLedger.held < 80)
        rig.arrive(Signal.silence(.milliseconds(5000)))
        #expect(rig.call.ingressLedger.isBalanced)
    }

    @Test func aPlatformThatTakesNoAudioHasNoEcho() {
        let format = AudioFormat.pcmu8000
        let egress = CallConfiguration.Egress(format: format, pacing: CallRig.pacing)
        let clean = CallConfiguration(
            ingress: format, egress: egress, botRate: .hz8000, cleansAudio: true)
        #expect(clean.cleansCallerAudio && clean.weight == CallConfiguration.cleanAudioWeight)
        var silent = clean
        silent.egress = nil
        var wide = clean
        wide.ingress = AudioFormat(.linear16LittleEndian, rate: .hz16000)
        for configuration in [silent, wide] {
            #expect(!configuration.cleansCallerAudio && configuration.weight == 1)
        }
    }
}
