// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import MediaEngine
import SpeechDetection
import Testing

@testable import MediaServer

/// Recorded speech, from its first sound on: Debian's asterisk-core-sounds-en-wav. A trained
/// detector takes no synthetic voice for one for sure.
private let speech: [Int16] = {
    let path = "/usr/share/asterisk/sounds/en_US_f_Allison/hello-world.wav"
    guard let data = FileManager.default.contents(atPath: path),
        let file = try? WAVFile.parse([UInt8](data))
    else { preconditionFailure("\(path) is missing: run scripts/install-dependencies") }
    return file.clip(channel: 0).samples.drop { abs(Int32($0)) < 300 }
        .map { Int16(clamping: 3 * Int($0)) }
}()

/// A bot that is interrupted, and what reaches the platform of it.
@Suite struct CallSessionInterruptionTests {
    /// 20 ms of voice.
    private static func voice(_ index: Int) -> [UInt8] {
        let start = index * 160 % (speech.count - 160)
        let samples = Array(speech[start..<start + 160])
        var bytes = [UInt8](repeating: 0, count: 160)
        var room = bytes.mutableSpan
        AudioCodec.encode(LinearAudio(samples.span, rate: .hz8000), as: .pcmu, into: &room)
        return bytes
    }

    /// Lets the bot say 3 s and listen, and speaks into it after 1.5 s, by which a detector knows
    /// that the line returns no echo.
    private func interrupt(
        _ rig: ShardRig, mode: BargeInPolicy.Mode
    ) throws -> CallSession {
        let session = rig.begin(bargeIn: BargeInPolicy(mode: mode))
        _ = try #require(playTone(session, milliseconds: 3000))
        session.listen()
        for _ in 0..<75 {
            rig.advance(milliseconds: 20)
            receiveSilence(session, milliseconds: 20)
        }
        rig.platform.log = []
        for index in 0..<15 {
            rig.advance(milliseconds: 20)
            let bytes = Self.voice(index)
            session.receive(EncodedAudio(bytes.span, format: .pcmu8000))
            session.pump()
        }
        return session
    }

    private func log(_ rig: ShardRig) -> [String] { rig.platform.log.filter { $0 != "flush" } }

    @Test func aVetoBringsBackTheRestAndWhatTheBotExpects() throws {
        let rig = ShardRig()
        rig.bot.onEvent = { event, session in
            guard case .interruption(let interruption) = event else { return }
            // Nothing is known yet: it has to be heard first.
            #expect(interruption.evidence.verdict == .fired)
        }
        let session = try interrupt(rig, mode: .pause)
        let interruption = try #require(
            rig.bot.events.compactMap { if case .interruption(let it) = $0 { it } else { nil } }
                .first)
        #expect(log(rig).last == "clear 0")
        rig.platform.log = ["clear 0"]
        #expect(session.veto(interruption.id))
        rig.advance(milliseconds: 2000)
        // The platform is told anew that the answer is complete, after all of it.
        let log = log(rig)
        #expect(log.first == "clear 0" && log.last == "listen voiceAndDigits")
        #expect(log.dropFirst().dropLast().allSatisfy { $0 == "audio 1" } && log.count > 4)
        #expect(rig.bot.events.contains(.interruptionVetoed(interruption.id)))
        #expect(rig.shard.snapshot.interruptionsVetoed == 1)
        #expect(rig.shard.snapshot.bargeIns == 0)
    }

    @Test func withoutAVetoTheBotIsClearedWithItsEvidence() throws {
        let rig = ShardRig()
        let session = try interrupt(rig, mode: .pause)
        rig.advance(milliseconds: 500)
        let bargeIns = rig.bot.events.compactMap {
            if case .bargeIn(let it) = $0 { it } else { nil }
        }
        #expect(bargeIns.count == 1 && bargeIns[0].evidence.verdict == .fired)
        #expect(log(rig).suffix(2) == ["clear 0", "listen voiceAndDigits"])
        #expect(rig.shard.snapshot.bargeIns == 1)
        #expect(!session.veto(InterruptionID(number: 1)))
    }

    @Test func inTheModeClearThereIsNothingToVeto() throws {
        let rig = ShardRig()
        let session = try interrupt(rig, mode: .clear)
        #expect(log(rig).suffix(2) == ["clear 1", "listen voiceAndDigits"])
        #expect(!session.veto(InterruptionID(number: 1)))
        #expect(!rig.bot.events.contains { if case .interruption = $0 { true } else { false } })
    }
}
