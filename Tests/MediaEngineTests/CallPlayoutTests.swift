// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import Testing

@Suite struct CallPlayoutTests {
    private func accounts(of rig: CallRig) -> [ResponseAccount] {
        rig.events.compactMap { if case .responseEnded(let account) = $0 { account } else { nil } }
    }

    @Test func aResponseArrivesWholeAndInOrder() throws {
        let rig = CallRig()
        let samples = Signal.tone(.milliseconds(3333), hertz: 440)
        let response = try #require(rig.call.beginResponse())
        #expect(rig.play(samples, in: response) == samples.count)
        rig.call.endResponse(response, now: rig.now)
        rig.wait(.milliseconds(4000))
        #expect(rig.sentBytes == CallRig.encode(samples))
        let account = try #require(accounts(of: rig).first)
        #expect(account.accepted == samples.count)
        #expect(account.heard == samples.count)
        #expect(account.underruns == 0)
        #expect(account.basis == .estimated)
        #expect(rig.call.egressLedger.isBalanced)
    }

    @Test func pacingKeepsTheLeadAndTheRate() throws {
        let rig = CallRig()
        let response = try #require(rig.call.beginResponse())
        rig.play(Signal.tone(.milliseconds(10_000), hertz: 440), in: response)
        rig.call.endResponse(response, now: rig.now)
        let start = rig.now
        rig.wait(.milliseconds(11_000))
        var sent = 0
        for (instant, _, bytes) in rig.packets {
            sent += bytes.count
            let lead = SampleRate.hz8000.duration(of: sent) - (instant - start)
            #expect(lead <= .milliseconds(500))
            #expect(bytes.count <= 4000)
        }
        for index in 0..<max(0, rig.packets.count - 6) {
            let span = rig.packets[index + 6].instant - rig.packets[index].instant
            #expect(span >= .milliseconds(1000), "more than five packets in a second")
        }
        #expect(rig.packets.first?.instant == start)
        #expect(sent == 80_000)
    }

    @Test func aBotThatSpeaksInRealTimeDoesNotStutter() throws {
        let rig = CallRig()
        let samples = Signal.tone(.milliseconds(6000), hertz: 440)
        let response = try #require(rig.call.beginResponse())
        for offset in stride(from: 0, to: samples.count, by: 160) {
            rig.play(Array(samples[offset..<(offset + 160)]), in: response)
            rig.wait(.milliseconds(20))
        }
        rig.call.endResponse(response, now: rig.now)
        rig.wait(.milliseconds(1000))
        #expect(rig.sentBytes == CallRig.encode(samples))
        #expect(accounts(of: rig).first?.underruns == 0)
        #expect(rig.packets.count <= 33)
    }

    @Test func aBotThatRunsDryFadesOutAndIn() throws {
        let rig = CallRig()
        let tone = Signal.tone(.milliseconds(1000), hertz: 440)
        let response = try #require(rig.call.beginResponse())
        rig.play(tone, in: response)
        rig.wait(.milliseconds(2000))
        #expect(rig.events.contains(.underrun(response)))
        rig.play(tone, in: response)
        rig.call.endResponse(response, now: rig.now)
        rig.wait(.milliseconds(1500))
        let sent = rig.sentBytes
        let plain = CallRig.encode(tone)
        #expect(sent.count == 2 * plain.count)
        #expect(Array(sent[0..<7960]) == Array(plain[0..<7960]))
        #expect(Array(sent[8040...]) == Array(plain[40...]))
        let decoded = CallRig.throughMuLaw(Signal.tone(.milliseconds(5), hertz: 440))
        #expect(decoded.count == 40)
        // Around the gap both edges are near silence.
        #expect(sent[7999] | 0x80 >= 0xE0)
        #expect(sent[8000] | 0x80 >= 0xE0)
        #expect(accounts(of: rig).first?.underruns == 1)
    }

    @Test func responsesAreHeardOneAfterTheOther() throws {
        let rig = CallRig()
        let first = try #require(rig.call.beginResponse())
        let second = try #require(rig.call.beginResponse())
        let high = Signal.tone(.milliseconds(300), hertz: 900)
        let low = Signal.tone(.milliseconds(300), hertz: 300)
        rig.play(high, in: first)
        rig.call.endResponse(first, now: rig.now)
        rig.play(low, in: second)
        rig.call.endResponse(second, now: rig.now)
        rig.wait(.milliseconds(1000))
        #expect(rig.sentBytes == CallRig.encode(high + low))
        #expect(accounts(of: rig).map(\.id) == [first, second])
    }

    @Test func clearDropsAllSamplesOfTheOldGeneration() throws {
        var random = SeededGenerator(seed: 7)
        // Every generation speaks in its own constant level: a stray sample gives itself away.
        for _ in 0..<50 {
            let rig = CallRig()
            var level: Int16 = 1000
            for _ in 0..<6 {
                let mark = CallRig.encode([level])[0]
                let response = try #require(rig.call.beginResponse())
                let length = Int.random(in: 100...40_000, using: &random)
                rig.play([Int16](repeating: level, count: length), in: response)
                if Bool.random(using: &random) { rig.call.endResponse(response, now: rig.now) }
                rig.wait(.milliseconds(.random(in: 0...1500, using: &random)))
                let before = rig.packets.count
                rig.call.clear(now: rig.now)
                rig.play([Int16](repeating: level, count: 4000), in: response)
                rig.wait(.milliseconds(.random(in: 0...700, using: &random)))
                #expect(rig.packets.count == before, "audio left after the clear")
                #expect(rig.packets.allSatisfy { $0.packet.generation < rig.call.generation })
                #expect(rig.call.egressLedger.isBalanced)
                #expect(rig.call.egressLedger.queued == 0)
                level += 2500
                _ = mark
            }
            #expect(accounts(of: rig).count == 6)
        }
    }

    @Test func theFlushComesInTheTickOfTheClearAndOnlyWhenSomethingWasSent() throws {
        let rig = CallRig()
        rig.call.clear(now: rig.now)
        rig.fetch()
        #expect(rig.flushes.isEmpty)
        let response = try #require(rig.call.beginResponse())
        rig.play(Signal.tone(.milliseconds(2000), hertz: 440), in: response)
        rig.wait(.milliseconds(300))
        rig.call.clear(now: rig.now)
        rig.fetch()
        #expect(rig.flushes.map(\.instant) == [rig.now])
        let account = try #require(accounts(of: rig).first)
        #expect(account.wasCleared)
        #expect(account.heard == 2400)
        #expect(account.sent == account.heard + account.flushed)
        #expect(account.accepted == account.sent + account.discarded)
    }

    @Test func theCallersVoiceClearsTheBot() throws {
        let rig = CallRig()
        let response = try #require(rig.call.beginResponse())
        rig.play(Signal.tone(.milliseconds(9000), hertz: 440), in: response)
        rig.speak(Signal.silence(.milliseconds(1000)) + Signal.voice(.milliseconds(600)))
        let interruption = try #require(
            rig.events.compactMap { if case .bargeIn(let it) = $0 { it } else { nil } }.first)
        #expect(interruption.decided - interruption.spoken <= .milliseconds(250))
        #expect(rig.flushes.map(\.instant) == [interruption.decided])
        #expect(rig.packets.allSatisfy { $0.instant <= interruption.decided })
        #expect(accounts(of: rig).first?.wasCleared == true)
    }

    @Test func withBargeInOffTheBotGoesOn() throws {
        let rig = CallRig()
        let response = try #require(rig.call.beginResponse(allowsBargeIn: false))
        rig.play(Signal.tone(.milliseconds(2000), hertz: 440), in: response)
        rig.call.endResponse(response, now: rig.now)
        rig.speak(Signal.voice(.milliseconds(2500)))
        #expect(rig.flushes.isEmpty)
        #expect(accounts(of: rig).first?.heard == 16_000)
    }

    @Test(arguments: [true, false])
    func aKeyClearsWhatMayBeInterrupted(allowsBargeIn: Bool) throws {
        let rig = CallRig()
        let digit = try #require(DTMFDigit("7"))
        let response = try #require(rig.call.beginResponse(allowsBargeIn: allowsBargeIn))
        rig.play(Signal.tone(.milliseconds(2000), hertz: 440), in: response)
        rig.wait(.milliseconds(500))
        rig.call.receive(digit, now: rig.now)
        rig.fetch()
        #expect(rig.events.last == .digit(digit))
        #expect(rig.flushes.count == (allowsBargeIn ? 1 : 0))
        #expect(accounts(of: rig).first?.wasCleared == (allowsBargeIn ? true : nil))
    }

    @Test func theTurnBillAddsUp() throws {
        let rig = CallRig()
        rig.speak(
            Signal.silence(.milliseconds(500)) + Signal.voice(.milliseconds(900))
                + Signal.silence(.milliseconds(400)))
        let turn = try #require(
            rig.events.compactMap { if case .turnEnded(let turn) = $0 { turn } else { nil } }.first)
        rig.wait(.milliseconds(50))
        let response = try #require(rig.call.beginResponse())
        rig.play(Signal.tone(.milliseconds(500), hertz: 440), in: response)
        let bill = try #require(
            rig.events.compactMap { if case .turnAnswered(let bill) = $0 { bill } else { nil } }
                .first)
        let sent = try #require(rig.packets.first?.instant)
        #expect(bill.turn == turn.id && bill.response == response)
        #expect(bill.total == sent - turn.spokenEnd)
        #expect(bill.arrival + bill.endpoint + bill.bot + bill.playout == bill.total)
        #expect(bill.bot >= .milliseconds(50))
        #expect(bill.playout == .zero)
    }

    @Test func marksAreReachedByEarAndClearedWithTheRest() throws {
        let rig = CallRig()
        let response = try #require(rig.call.beginResponse())
        rig.play(Signal.tone(.milliseconds(1000), hertz: 440), in: response)
        #expect(rig.call.mark(MarkID(number: 1), in: response))
        rig.play(Signal.tone(.milliseconds(5000), hertz: 440), in: response)
        #expect(rig.call.mark(MarkID(number: 2), in: response))
        rig.wait(.milliseconds(990))
        let reached = CallEvent.mark(MarkID(number: 1), response, wasHeard: true)
        #expect(!rig.events.contains(reached))
        rig.wait(.milliseconds(20))
        #expect(rig.events.contains(reached))
        rig.call.clear(now: rig.now)
        rig.fetch()
        #expect(rig.events.contains(.mark(MarkID(number: 2), response, wasHeard: false)))
        #expect(!rig.call.mark(MarkID(number: 3), in: response))
    }

    @Test func completedPlaybackConfirmsWhatWasHeard() throws {
        let rig = CallRig()
        let response = try #require(rig.call.beginResponse())
        rig.play(Signal.tone(.milliseconds(400), hertz: 440), in: response)
        rig.call.endResponse(response, now: rig.now)
        rig.wait(.milliseconds(300))
        #expect(accounts(of: rig).isEmpty)
        #expect(!rig.call.playoutIsDone(at: rig.now, needsConfirmation: true))
        rig.call.playbackCompleted(now: rig.now)
        rig.fetch()
        #expect(accounts(of: rig).first?.basis == .confirmed)
        #expect(accounts(of: rig).first?.heard == 3200)
        #expect(rig.call.playoutIsDone(at: rig.now, needsConfirmation: true))
    }

    @Test func aFullQueuePushesBackAndSaysWhenThereIsRoom() throws {
        let rig = CallRig(playoutCapacity: .milliseconds(1000))
        let response = try #require(rig.call.beginResponse())
        let taken = rig.play(Signal.tone(.milliseconds(3000), hertz: 440), in: response)
        #expect(taken >= 7960 && taken <= 8000)
        #expect(rig.call.egressLedger.refusedFull == 24_000 - taken)
        rig.wait(.milliseconds(400))
        #expect(rig.events.contains(.playoutWritable))
        #expect(rig.call.egressLedger.isBalanced)
    }

    @Test(arguments: [8000, 16_000, 24_000, 48_000])
    func theBotSpeaksAtAnyRate(hertz: Int) throws {
        let rate = SampleRate(hertz: hertz)
        let rig = CallRig(botRate: rate)
        let response = try #require(rig.call.beginResponse())
        let samples = [Int16](repeating: 4000, count: rate.samples(in: .milliseconds(600)))
        #expect(rig.play(samples, in: response, rate: rate) == samples.count)
        rig.call.endResponse(response, now: rig.now)
        rig.wait(.milliseconds(800))
        let account = try #require(accounts(of: rig).first)
        // The resampler's tail comes on top of the exact ratio.
        #expect(account.heard >= 4800 && account.heard <= 4860)
        let middle = CallRig.encode([4000])[0]
        #expect(rig.sentBytes[400..<4400].filter { $0 == middle }.count > 3900)
    }

    @Test func audioForAnUnknownOrEndedResponseIsCountedAndDropped() throws {
        let rig = CallRig()
        #expect(rig.play([1, 2, 3], in: ResponseID(number: 99)) == 0)
        let response = try #require(rig.call.beginResponse())
        rig.call.endResponse(response, now: rig.now)
        #expect(rig.play([1, 2, 3, 4], in: response) == 0)
        #expect(rig.call.egressLedger.refusedStale == 7)
    }

    @Test func aPlatformWithoutEgressTakesNoResponse() {
        let rig = CallRig(pacing: nil)
        #expect(rig.call.beginResponse() == nil)
        rig.call.clear(now: rig.now)
        rig.wait(.milliseconds(100))
        #expect(rig.packets.isEmpty && rig.flushes.isEmpty)
    }

    @Test func thePoolGetsAllItsBlocksBack() throws {
        let rig = CallRig()
        for _ in 0..<5 {
            let response = try #require(rig.call.beginResponse())
            rig.play(Signal.tone(.milliseconds(5000), hertz: 440), in: response)
            rig.wait(.milliseconds(700))
            rig.call.clear(now: rig.now)
        }
        // What was heard is kept for its echo, a second for callers whose audio comes late.
        #expect(rig.pool.usedCount <= 4)
        rig.wait(.milliseconds(1100))
        #expect(rig.pool.usedCount == 0)
        #expect(rig.pool.allocatedCount <= 15)
    }
}
