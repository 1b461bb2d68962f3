// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import SpeechDetection
import Testing

/// Interruptions that may be vetoed: the bot falls silent, and goes on or is cleared.
@Suite struct CallInterruptionTests {
    private static func rig(
        pacing: PacingProfile = CallRig.pacing, window: MediaDuration = .milliseconds(400)
    ) -> CallRig {
        CallRig(pacing: pacing, bargeIn: BargeInPolicy(mode: .pause, vetoWindow: window))
    }

    /// What the caller heard: packets in order and in real time, cut by every flush.
    private static func heard(on rig: CallRig, until end: MediaInstant) -> [UInt8] {
        var heard: [UInt8] = []
        var waiting: [UInt8] = []
        var time = rig.packets.first?.instant ?? end
        func play(until instant: MediaInstant) {
            let count = min(waiting.count, SampleRate.hz8000.samples(in: instant - time))
            heard += waiting[0..<count]
            waiting.removeFirst(count)
            time = instant
        }
        var flushes = rig.flushes.map(\.instant)[...]
        for packet in rig.packets {
            while let flush = flushes.first, flush <= packet.instant {
                flushes.removeFirst()
                play(until: flush)
                waiting = []
            }
            play(until: packet.instant)
            waiting += packet.bytes
        }
        for flush in flushes {
            play(until: flush)
            waiting = []
        }
        play(until: end)
        return heard
    }

    private func interruptions(_ rig: CallRig) -> [Interruption] {
        rig.events.compactMap { if case .interruption(let it) = $0 { it } else { nil } }
    }

    private func bargeIns(_ rig: CallRig) -> [BargeIn] {
        rig.events.compactMap { if case .bargeIn(let it) = $0 { it } else { nil } }
    }

    private func accounts(_ rig: CallRig) -> [ResponseAccount] {
        rig.events.compactMap { if case .responseEnded(let it) = $0 { it } else { nil } }
    }

    private static let prompt = Signal.tone(.milliseconds(4000), hertz: 440)

    /// Plays the prompt and speaks into it until the bot falls silent.
    private func interrupt(_ rig: CallRig) throws -> (ResponseID, Interruption) {
        let response = try #require(rig.call.beginResponse())
        rig.play(Self.prompt, in: response)
        rig.call.endResponse(response, now: rig.now)
        rig.speak(Signal.silence(.milliseconds(800)))
        for part in stride(from: 0, to: 8000, by: 160) where !rig.call.isHeld {
            rig.speak(Array(Signal.voice(.milliseconds(1000))[part..<(part + 160)]))
        }
        return (response, try #require(interruptions(rig).first))
    }

    @Test func theBotIsSilentWhileItMayBeVetoedAndIsClearedAfterThat() throws {
        let rig = Self.rig()
        let (_, interruption) = try interrupt(rig)
        #expect(rig.flushes.map(\.instant) == [interruption.decided])
        #expect(interruption.vetoDeadline - interruption.decided == .milliseconds(400))
        #expect(interruption.evidence.verdict == .fired)
        #expect(interruption.decided - interruption.spoken <= .milliseconds(250))
        let sent = rig.packets.count
        rig.wait(.milliseconds(390))
        #expect(bargeIns(rig).isEmpty && rig.call.isHeld && !rig.call.botIsAudible(at: rig.now))
        #expect(rig.call.egressLedger.isBalanced)
        #expect(rig.call.egressLedger.queued > 0)
        rig.wait(.milliseconds(20))
        let bargeIn = try #require(bargeIns(rig).first)
        #expect(bargeIn.decided == interruption.decided)
        #expect(bargeIn.evidence == interruption.evidence)
        // What the platform had was taken back already.
        #expect(rig.flushes.count == 1 && rig.packets.count == sent)
        let account = try #require(accounts(rig).first)
        #expect(account.wasCleared)
        #expect(account.sent == account.heard + account.flushed + account.returned)
        #expect(account.accepted + account.returned == account.sent + account.discarded)
        #expect(bargeIn.generation == rig.call.generation)
        #expect(!rig.call.veto(interruption.id, now: rig.now))
    }

    @Test(arguments: [CallRig.pacing, CallResponseTests.unit, CallResponseTests.pacedUnit])
    func aVetoedPromptGoesOnWhereTheCallerStoppedHearingIt(pacing: PacingProfile) throws {
        let rig = Self.rig(pacing: pacing)
        let generation = rig.call.generation
        let (response, interruption) = try interrupt(rig)
        rig.wait(.milliseconds(250))
        #expect(rig.call.veto(interruption.id, now: rig.now))
        #expect(!rig.call.veto(interruption.id, now: rig.now))
        rig.fetch()
        let resumed = rig.now
        #expect(rig.packets.last?.instant == resumed)
        rig.wait(.milliseconds(4000))
        #expect(rig.events.contains(.interruptionVetoed(interruption.id)))
        #expect(bargeIns(rig).isEmpty && rig.flushes.count == 1)
        #expect(rig.flushes.first?.generation == generation)
        #expect(rig.call.generation == generation)
        // Every sample was heard once, in order; where it goes on it fades in for 5 ms.
        let heard = Self.heard(on: rig, until: rig.now)
        let plain = CallRig.encode(Self.prompt)
        let cut = SampleRate.hz8000.samples(
            in: interruption.decided - rig.packets[0].instant)
        #expect(heard.count == plain.count)
        #expect(heard[0..<cut] == plain[0..<cut])
        #expect(heard[(cut + 40)...] == plain[(cut + 40)...])
        let account = try #require(accounts(rig).first)
        #expect(accounts(rig).count == 1 && account.id == response)
        #expect(!account.wasCleared && account.heard == account.accepted)
        #expect(account.returned > 0 && account.sent == account.heard + account.returned)
        #expect(rig.events.filter { $0 == .responseStarted(response) }.count == 1)
        #expect(!rig.events.contains(.underrun(response)))
        #expect(rig.call.egressLedger.isBalanced)
        rig.wait(.milliseconds(3100))
        #expect(rig.pool.usedCount == 0)
    }

    @Test func marksAndResponsesBehindItAreHeardOnce() throws {
        let rig = Self.rig(pacing: CallResponseTests.unit)
        let (first, interruption) = try interrupt(rig)
        let second = try #require(rig.call.beginResponse())
        rig.play(Signal.tone(.milliseconds(300), hertz: 900), in: second)
        #expect(rig.call.mark(MarkID(number: 7), in: second))
        rig.call.endResponse(second, now: rig.now)
        rig.fetch()
        #expect(rig.packets.allSatisfy { $0.packet.response == first })
        #expect(rig.call.veto(interruption.id, now: rig.now))
        rig.wait(.milliseconds(6000))
        #expect(accounts(rig).map(\.id) == [first, second])
        #expect(
            rig.events.filter { $0 == .mark(MarkID(number: 7), second, wasHeard: true) }.count
                == 1)
    }

    @Test func aClearOfTheBotsOwnEndsTheWait() throws {
        let rig = Self.rig()
        let (_, interruption) = try interrupt(rig)
        rig.call.clear(now: rig.now)
        #expect(!rig.call.isHeld)
        #expect(!rig.call.veto(interruption.id, now: rig.now))
        let next = try #require(rig.call.beginResponse())
        rig.play(Signal.tone(.milliseconds(500), hertz: 900), in: next)
        rig.call.endResponse(next, now: rig.now)
        rig.wait(.milliseconds(1000))
        // The next answer is not interrupted by the deadline of what came before it.
        #expect(bargeIns(rig).isEmpty)
        #expect(accounts(rig).last?.heard == 4000)
    }

    @Test func aKeyWhileTheBotIsHeldClearsIt() throws {
        let rig = Self.rig()
        _ = try interrupt(rig)
        rig.call.receive(try #require(DTMFDigit("4")), now: rig.now)
        rig.fetch()
        #expect(!rig.call.isHeld)
        #expect(accounts(rig).first?.wasCleared == true)
        #expect(rig.flushes.count == 1)
    }

    @Test func theAccountsHoldUnderAnyMixOfVetoesAndClears() throws {
        var random = SeededGenerator(seed: 77)
        let voice = Signal.voice(.milliseconds(4000))
        for round in 0..<12 {
            let rig = Self.rig(pacing: round % 2 == 0 ? CallRig.pacing : CallResponseTests.unit)
            for _ in 0..<60 {
                switch Int.random(in: 0..<9, using: &random) {
                case 0...1:
                    guard let response = rig.call.beginResponse() else { break }
                    rig.play(
                        Signal.tone(
                            .milliseconds(.random(in: 1...3000, using: &random)), hertz: 440),
                        in: response)
                    if Int.random(in: 0..<4, using: &random) > 0 {
                        rig.call.endResponse(response, now: rig.now)
                    }
                    rig.fetch()
                case 2: rig.wait(.milliseconds(.random(in: 1...600, using: &random)))
                case 3:
                    if let last = interruptions(rig).last {
                        rig.call.veto(last.id, now: rig.now)
                    }
                    rig.fetch()
                case 4 where Int.random(in: 0..<4, using: &random) == 0:
                    let before = rig.packets.count
                    rig.call.clear(now: rig.now)
                    rig.fetch()
                    #expect(rig.packets.count == before)
                default:
                    let start = Int.random(in: 0..<20_000, using: &random)
                    rig.speak(Array(voice[start..<(start + 2400)]))
                }
                #expect(rig.call.egressLedger.isBalanced)
                let isSilent = !rig.call.isHeld || !rig.call.botIsAudible(at: rig.now)
                #expect(isSilent)
            }
            rig.wait(.milliseconds(500))
            rig.call.clear(now: rig.now)
            rig.wait(.milliseconds(3100))
            let ledger = rig.call.egressLedger
            #expect(ledger.isBalanced && ledger.queued == 0 && ledger.inFlight == 0)
            for account in accounts(rig) {
                #expect(account.sent == account.heard + account.flushed + account.returned)
                #expect(account.accepted + account.returned == account.sent + account.discarded)
                #expect(account.wasCleared || account.heard == account.accepted)
            }
            #expect(rig.pool.usedCount == 0)
            // The generations that packets carry never fall.
            let generations = rig.packets.map(\.packet.generation)
            #expect(generations == generations.sorted())
        }
    }
}
