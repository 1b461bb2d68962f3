// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import JSON
import SpeechDetection
import Testing

@testable import HearingTrials

/// A prompt whose echo comes back 120 ms later and 15 dB quieter, and a caller who may speak into it.
enum EchoLine {
    private static let voices = "/usr/share/asterisk/sounds"

    static func speech(_ name: String) throws -> [Int16] {
        let data = try Data(contentsOf: URL(filePath: "\(voices)/\(name).wav"))
        return try WAVFile.parse([UInt8](data)).clip(channel: 0).samples
    }

    /// Both sides of a call: half a second of silence, the prompt, a second of silence.
    static func call(interruptedAt onset: Int?) throws -> (near: AudioClip, far: AudioClip) {
        let prompt = try speech("en_US_f_Allison/demo-congrats").prefix(8 * 8000)
        let far = silence(4000) + prompt + silence(8000)
        var random: UInt64 = 9
        var near = far.indices.map { index -> Int16 in
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let noise = Int(random >> 33) % 17 - 8
            let echo = index < 960 ? 0 : Int((Double(far[index - 960]) * 0.178).rounded())
            return Int16(clamping: echo + noise)
        }
        if let onset {
            for (index, sample) in try speech("es_MX_f_Allison/vm-goodbye").enumerated()
            where onset + index < near.count {
                near[onset + index] = near[onset + index] &+ sample / 2
            }
        }
        return (AudioClip(rate: .hz8000, samples: near), AudioClip(rate: .hz8000, samples: far))
    }

    private static func silence(_ count: Int) -> [Int16] { [Int16](repeating: 0, count: count) }
}

@Suite struct HearingTrialTests {
    private let trial = HearingTrial(profile: HearingProfile())

    @Test func echoAloneIsNoInterruption() throws {
        let call = try EchoLine.call(interruptedAt: nil)
        let record = try trial.run(near: call.near, far: call.far)
        #expect(record.interruptions.isEmpty)
        #expect(record.states.count == call.near.samples.count / 64)
        // It has found the echo where it is.
        #expect(record.states.contains { $0.delay.map { abs($0 - 120) <= 16 } ?? false })
    }

    @Test func aCallerUnderEchoIsHeardOnce() throws {
        let call = try EchoLine.call(interruptedAt: 4 * 8000)
        let record = try trial.run(near: call.near, far: call.far)
        let fired = try #require(record.interruptions.first)
        #expect(record.interruptions.count == 1)
        #expect(fired.at > .milliseconds(4000) && fired.at < .milliseconds(4600))
        let lines = HearingExplanation(fired, in: record).lines.joined(separator: "\n")
        #expect(lines.contains("an interruption"))
        #expect(lines.contains("delay 1"))
        let svg = HearingPicture(record, title: "a < b").svg
        #expect(svg.contains("fired") && svg.contains("a &lt; b") && svg.hasSuffix("</svg>\n"))
        #expect(!svg.contains("nan") && !svg.contains("inf"))
    }

    /// A recording has silence to the bit in place of a line that is not open yet: it must not pass
    /// for a line that returns nothing, on which the echo would then be a caller.
    @Test func aLineThatOpensWithinThePromptReturnsItsEcho() throws {
        let call = try EchoLine.call(interruptedAt: nil)
        let closed = 3 * 8000
        let near = AudioClip(
            rate: call.near.rate,
            samples: [Int16](repeating: 0, count: closed) + call.near.samples.dropFirst(closed))
        let record = try trial.run(near: near, far: call.far)
        #expect(record.interruptions.isEmpty)
        #expect(record.states.count == near.samples.count / 64)
        // Nothing has been learned of how loud an echo can be.
        #expect(record.states[closed / 64 - 1].returnGain > -11)
    }

    @Test func withoutAFarSideThereIsNoEcho() throws {
        let call = try EchoLine.call(interruptedAt: nil)
        let record = try trial.run(near: call.near, far: nil)
        #expect(record.states.allSatisfy { $0.delay == nil })
    }

    @Test func theRecordIsWhatTheScorersRead() throws {
        let call = try EchoLine.call(interruptedAt: 4 * 8000)
        let record = try trial.run(near: call.near, far: call.far)
        let object = try #require(record.json.object)
        #expect(object["hop_ms"]?.integer == 8)
        #expect(object["fired_ms"]?.array?.count == 1)
        #expect(object["active"]?.array?.count == record.decisions.count)
        #expect(object["probability"]?.array?.count == record.decisions.count)
        for name in ["paused_ms", "ended_ms", "digits", "faults"] {
            #expect(object[name]?.array != nil)
        }
    }

    @Test func ratesThatCannotBeHeardAreRefused() {
        let slow = AudioClip(rate: SampleRate(hertz: 11_025), samples: [0])
        #expect(throws: HearingTrial.Fault.rate(slow.rate)) {
            try trial.run(near: slow, far: nil)
        }
        let near = AudioClip(rate: .hz8000, samples: [0])
        let far = AudioClip(rate: .hz16000, samples: [0])
        #expect(throws: HearingTrial.Fault.rates(near: .hz8000, far: .hz16000)) {
            try trial.run(near: near, far: far)
        }
    }
}
