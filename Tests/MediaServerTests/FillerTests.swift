// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import Histogram
import MediaEngine
import Testing

@testable import MediaServer

/// The wait for an answer on a virtual clock, with recorded speech.
@Suite struct FillerTests {
    private static let filler = Filler(
        clip: AudioClip(
            rate: .hz8000,
            samples: (0..<16_000).map { Int16(6000 * sin(Double($0) / 5)) }),
        after: .milliseconds(450))

    /// 0.3 s of silence and 0.8 s of recorded speech: Debian's asterisk-core-sounds-en-wav.
    private static let words: [UInt8] = {
        let path = "/usr/share/asterisk/sounds/en_US_f_Allison/hello-world.wav"
        guard let data = FileManager.default.contents(atPath: path),
            let file = try? WAVFile.parse([UInt8](data))
        else { preconditionFailure("\(path) is missing: run scripts/install-dependencies") }
        let speech = file.clip(channel: 0).samples.drop { abs(Int32($0)) < 300 }.prefix(6400)
            .map { Int16(clamping: 2 * Int($0)) }
        let samples = [Int16](repeating: 0, count: 2400) + speech
        var bytes = [UInt8](repeating: 0, count: samples.count)
        var room = bytes.mutableSpan
        AudioCodec.encode(LinearAudio(samples.span, rate: .hz8000), as: .pcmu, into: &room)
        return bytes
    }()

    /// Octets of the platform in real time of the virtual clock, 20 ms a packet.
    private func send(_ bytes: [UInt8], _ session: CallSession, _ rig: ShardRig) {
        for start in stride(from: 0, to: bytes.count, by: 160) {
            rig.advance(milliseconds: 20)
            let packet = Array(bytes[start..<min(start + 160, bytes.count)])
            session.receive(EncodedAudio(packet.span, format: .pcmu8000))
            session.pump()
        }
    }

    private func silence(_ milliseconds: Int, _ session: CallSession, _ rig: ShardRig) {
        send([UInt8](repeating: 0xFF, count: milliseconds * 8), session, rig)
    }

    private func lastBill(_ rig: ShardRig) -> TurnBill? {
        rig.bot.events.compactMap { event in
            if case .turnAnswered(let bill) = event { bill } else { nil }
        }.last
    }

    private var hasEnded: (CallEvent) -> Bool {
        { if case .turnEnded = $0 { true } else { false } }
    }

    @Test func aLateAnswerIsBridgedAndCutsTheFillerOff() throws {
        let rig = ShardRig()
        let session = rig.begin(filler: Self.filler)
        send(Self.words, session, rig)
        silence(900, session, rig)
        #expect(rig.bot.events.contains(where: hasEnded))
        #expect(rig.shard.statistics.fillers == 1)
        #expect(rig.platform.log.contains("audio 1") && lastBill(rig) == nil)
        // The bot hears nothing of it.
        let isTold = rig.bot.events.contains {
            if case .responseStarted = $0 { true } else { false }
        }
        #expect(!isTold)
        let before = rig.platform.sentBytes
        _ = playTone(session, milliseconds: 600)
        silence(1200, session, rig)
        #expect(rig.platform.log.contains("audio 2"))
        // What had been queued of it, 0.32 s at most and a fade, and then the answer.
        #expect(rig.platform.sentBytes - before <= 8 * (600 + 330))
        let bill = try #require(lastBill(rig))
        let filler = try #require(bill.filler)
        #expect(filler >= .milliseconds(450) && filler < .milliseconds(520))
        #expect(bill.total > .milliseconds(700))
        #expect(bill.arrival + bill.endpoint + bill.bot + bill.playout == bill.total)
        #expect(rig.shard.statistics.turnFiller.totalCount == 1)
        #expect(rig.shard.statistics.budgetBreaches == 1)
        #expect(!rig.platform.log.contains { $0.hasPrefix("clear") })
        session.end(.platformEnded)
    }

    @Test func aBotThatAnswersInTimeNeedsNoFiller() throws {
        let rig = ShardRig()
        let session = rig.begin(filler: Self.filler)
        rig.bot.onEvent = { event, session in
            if case .turnEnded = event { _ = playTone(session, milliseconds: 300) }
        }
        send(Self.words, session, rig)
        silence(1500, session, rig)
        let bill = try #require(lastBill(rig))
        #expect(bill.filler == nil && rig.shard.statistics.fillers == 0)
        session.end(.platformEnded)
    }

    @Test func aBotThatHasNothingToSayEndsTheWait() {
        let rig = ShardRig()
        let session = rig.begin(filler: Self.filler)
        rig.bot.onEvent = { event, session in
            if case .turnEnded = event { session.listen() }
        }
        send(Self.words, session, rig)
        silence(1500, session, rig)
        #expect(rig.bot.events.contains(where: hasEnded))
        #expect(rig.shard.statistics.fillers == 0)
        session.end(.platformEnded)
    }

    @Test func nothingIsSaidUnlessItIsConfigured() {
        let rig = ShardRig()
        let session = rig.begin()
        send(Self.words, session, rig)
        silence(1500, session, rig)
        #expect(rig.bot.events.contains(where: hasEnded) && rig.platform.sentBytes == 0)
        session.end(.platformEnded)
    }
}
