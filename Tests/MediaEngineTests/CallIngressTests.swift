// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import Testing

@Suite struct CallIngressTests {
    private static let utterance =
        Signal.silence(.milliseconds(500)) + Signal.voice(.milliseconds(900))
        + Signal.silence(.milliseconds(800))

    private func turns(of rig: CallRig) -> [Turn] {
        rig.events.compactMap { if case .turnEnded(let turn) = $0 { turn } else { nil } }
    }

    @Test func aTurnIsReportedInBothStagesOfItsEnd() throws {
        let rig = CallRig()
        rig.speak(Self.utterance)
        let kinds = rig.events.map { event in
            switch event {
            case .speechStarted: "started"
            case .speechPaused: "paused"
            case .speechResumed: "resumed"
            case .turnEnded: "ended"
            default: "other"
            }
        }
        #expect(kinds == ["started", "paused", "ended"])
        let turn = try #require(turns(of: rig).first)
        #expect(abs(turn.onset.index - 4000) <= 400)
        #expect(abs(turn.lastVoiced.index - 11_200) <= 480)
        // Confirmed 320 ms after the last voiced sample, at the granularity of packets and blocks.
        let silence = turn.confirmed - turn.spokenEnd
        #expect(silence >= .milliseconds(320) && silence <= .milliseconds(350))
    }

    @Test func deliveryStartsBeforeTheOnsetAndIsTheCallersOwnSamples() throws {
        let rig = CallRig()
        rig.speak(Self.utterance)
        let turn = try #require(turns(of: rig).first)
        let first = Int(turn.onset.index) - 800
        let heard = CallRig.throughMuLaw(Self.utterance)
        #expect(rig.callerAudio.count > 8000)
        #expect(rig.callerAudio == Array(heard[first..<(first + rig.callerAudio.count)]))
    }

    @Test(arguments: [1, 7, 80, 160, 333, 1600])
    func anyChunkingGivesTheSameTurnAndTheSameAudio(size: Int) throws {
        let reference = CallRig()
        reference.speak(Self.utterance)
        let rig = CallRig()
        var offset = 0
        while offset < Self.utterance.count {
            let end = min(offset + size, Self.utterance.count)
            rig.arrive(Array(Self.utterance[offset..<end]))
            offset = end
        }
        #expect(turns(of: rig).map(\.onset) == turns(of: reference).map(\.onset))
        #expect(turns(of: rig).map(\.lastVoiced) == turns(of: reference).map(\.lastVoiced))
        // The end may be fetched up to a packet later; what both have is the same.
        let common = min(rig.callerAudio.count, reference.callerAudio.count)
        #expect(common > 8000)
        #expect(rig.callerAudio[0..<common] == reference.callerAudio[0..<common])
    }

    @Test func theSameInputsGiveTheSameEvents() {
        let runs = (0..<2).map { _ in
            let rig = CallRig()
            rig.speak(Self.utterance)
            return rig.events
        }
        #expect(runs[0] == runs[1])
        #expect(!runs[0].isEmpty)
    }

    @Test func lateAudioFollowsOnWithoutSilence() throws {
        let rig = CallRig(delivery: .continuous)
        rig.speak(Signal.voice(.milliseconds(300)))
        // Nothing for 300 ms, then the same 300 ms of audio in a burst.
        rig.wait(.milliseconds(300))
        let late = Signal.tone(.milliseconds(300), hertz: 700)
        for offset in stride(from: 0, to: late.count, by: 160) {
            rig.arrive(Array(late[offset..<(offset + 160)]))
        }
        let expected = CallRig.throughMuLaw(Signal.voice(.milliseconds(300)) + late)
        #expect(rig.callerAudio == expected)
        #expect(rig.call.ingressLedger.inserted == 0)
    }

    @Test func aStallIsReportedOnceAndEndsTheTurnByTheClock() throws {
        let rig = CallRig()
        rig.speak(Signal.silence(.milliseconds(300)) + Signal.voice(.milliseconds(600)))
        rig.wait(.milliseconds(3000))
        #expect(rig.events.filter { $0 == .mediaStalled }.count == 1)
        #expect(turns(of: rig).count == 1)
        rig.arrive(Signal.silence(.milliseconds(20)))
        guard case .mediaResumed(let silence)? = rig.events.last else {
            Issue.record("The stream's return was not reported")
            return
        }
        #expect(silence == .milliseconds(3000))
    }

    @Test func aSuspendedStreamDoesNotStall() {
        let rig = CallRig()
        rig.speak(Signal.silence(.milliseconds(100)))
        rig.call.suspendIngress()
        rig.wait(.milliseconds(5000))
        rig.call.resumeIngress(now: rig.now)
        rig.speak(Signal.silence(.milliseconds(100)))
        #expect(rig.events.isEmpty)
    }

    @Test func aShortGapIsFilledAndALongOneJumped() {
        let rig = CallRig(delivery: .continuous)
        rig.arrive(Signal.tone(.milliseconds(100), hertz: 500))
        #expect(rig.call.moveTimeline(to: SamplePosition(1600), now: rig.now) == 800)
        rig.fetch()
        rig.arrive(Signal.tone(.milliseconds(100), hertz: 500))
        #expect(rig.call.moveTimeline(to: SamplePosition(80_000), now: rig.now) == 77_600)
        rig.arrive(Signal.tone(.milliseconds(100), hertz: 500))
        let ledger = rig.call.ingressLedger
        #expect(ledger.received == 2400)
        #expect(ledger.inserted == 800)
        #expect(ledger.skipped == 77_600)
        #expect(ledger.isBalanced)
        #expect(rig.call.ingressPosition == SamplePosition(80_800))
        #expect(rig.callerAudio.count == 3200)
        #expect(rig.callerAudio[800..<1600].allSatisfy { $0 == 0 })
        #expect(
            rig.events.filter { if case .timelineJumped = $0 { true } else { false } }.count == 2)
    }

    @Test func aPositionThatLiesBehindIsIgnored() {
        let rig = CallRig()
        rig.arrive(Signal.silence(.milliseconds(100)))
        #expect(rig.call.moveTimeline(to: SamplePosition(100), now: rig.now) == -700)
        #expect(rig.call.ingressPosition == SamplePosition(800))
        #expect(rig.events.isEmpty)
    }

    @Test(arguments: [0, 1])
    func oneChannelOfSeveralIsHeard(channel: Int) {
        let format = AudioFormat(.pcmu, rate: .hz8000, channels: 2)
        let rig = CallRig(ingress: format, channel: channel, delivery: .continuous)
        let left = CallRig.encode(Signal.tone(.milliseconds(60), hertz: 400))
        let right = CallRig.encode(Signal.tone(.milliseconds(60), hertz: 900))
        let bytes = zip(left, right).flatMap { [$0, $1] }
        rig.call.receive(EncodedAudio(bytes.span, format: format), now: rig.now)
        rig.fetch()
        let tone = Signal.tone(.milliseconds(60), hertz: channel == 0 ? 400 : 900)
        #expect(rig.callerAudio == CallRig.throughMuLaw(tone))
    }

    @Test func aSlowBotLosesTheOldestAudioAndTheLedgerSaysSo() {
        let rig = CallRig(delivery: .continuous)
        let bytes = CallRig.encode(Signal.tone(.milliseconds(3000), hertz: 300))
        rig.call.receive(EncodedAudio(bytes.span, format: .pcmu8000), now: rig.now)
        let ledger = rig.call.ingressLedger
        #expect(ledger.overrun == 16_000)
        #expect(ledger.isBalanced)
        rig.fetch()
        #expect(rig.callerAudio.count == 8000)
        #expect(rig.call.ingressLedger.held == 0)
    }

    @Test func theLedgerBalancesUnderAnyMixOfInputs() {
        var random = SeededGenerator(seed: 20_26)
        let voice = Signal.voice(.milliseconds(4000))
        for _ in 0..<20 {
            let rig = CallRig()
            for _ in 0..<200 {
                switch Int.random(in: 0..<10, using: &random) {
                case 0:
                    let jump = Int.random(in: -500..<20_000, using: &random)
                    rig.call.moveTimeline(
                        to: rig.call.ingressPosition.advanced(by: jump), now: rig.now)
                case 1: rig.wait(.milliseconds(.random(in: 1...900, using: &random)))
                case 2...4: rig.arrive(Signal.silence(.milliseconds(100)))
                default:
                    let start = Int.random(in: 0..<20_000, using: &random)
                    rig.arrive(Array(voice[start..<(start + 800)]))
                }
                #expect(rig.call.ingressLedger.isBalanced)
            }
        }
    }
}
