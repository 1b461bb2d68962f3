// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import Testing

/// Several responses in a row: which one a packet, an interruption and an end belong to.
@Suite struct CallResponseTests {
    /// For a platform that takes answers as a unit: all at once, each response by itself.
    static let unit = PacingProfile(
        lead: nil, packet: .milliseconds(100), maximumPacket: .milliseconds(1000),
        startThreshold: .milliseconds(100), startPatience: .milliseconds(60),
        packetInterval: .zero, packetBurst: 1, joinsResponses: false)

    /// As ``unit``, but paced.
    static let pacedUnit = PacingProfile(
        lead: .milliseconds(500), packet: .milliseconds(100), maximumPacket: .milliseconds(500),
        startThreshold: .milliseconds(100), startPatience: .milliseconds(60),
        packetInterval: .zero, packetBurst: 1, joinsResponses: false)

    /// Begins a response and plays `duration` of one level, which makes its bytes recognisable.
    private func say(
        _ duration: MediaDuration, level: Int16 = 4000, allowsBargeIn: Bool = true,
        ends: Bool = true, on rig: CallRig
    ) throws -> ResponseID {
        let response = try #require(rig.call.beginResponse(allowsBargeIn: allowsBargeIn))
        let count = SampleRate.hz8000.samples(in: duration)
        #expect(rig.play([Int16](repeating: level, count: count), in: response) == count)
        if ends {
            rig.call.endResponse(response, now: rig.now)
            rig.fetch()
        }
        return response
    }

    private func sent(on rig: CallRig) -> [(response: ResponseID, bytes: Int)] {
        zip(rig.events, rig.sentBefore).compactMap { event, bytes in
            if case .responseSent(let response) = event { (response, bytes) } else { nil }
        }
    }

    private func interruptions(on rig: CallRig) -> [BargeIn] {
        rig.events.compactMap { if case .bargeIn(let it) = $0 { it } else { nil } }
    }

    // MARK: The last packet

    @Test(arguments: [CallRig.pacing, unit, pacedUnit])
    func aResponseIsSentWithItsLastPacket(pacing: PacingProfile) throws {
        let rig = CallRig(pacing: pacing)
        let first = try say(.milliseconds(1730), on: rig)
        let second = try say(.milliseconds(60), on: rig)
        let third = try say(.milliseconds(900), on: rig)
        rig.wait(.milliseconds(3000))
        let sent = sent(on: rig)
        #expect(sent.map(\.response) == [first, second, third])
        // A joined packet may carry more than the end of the response it completes.
        for (told, least) in zip(sent.map(\.bytes), [13_840, 14_320, 21_520]) {
            #expect(told >= least)
        }
        #expect(sent.last?.bytes == 21_520)
    }

    @Test(arguments: [CallRig.pacing, unit])
    func aResponseThatEndsAfterAllOfItWasSentIsSentThen(pacing: PacingProfile) throws {
        let rig = CallRig(pacing: pacing)
        let response = try say(.milliseconds(700), ends: false, on: rig)
        rig.wait(.milliseconds(1500))
        #expect(rig.sentBytes.count == 5600)
        #expect(sent(on: rig).isEmpty)
        rig.call.endResponse(response, now: rig.now)
        rig.fetch()
        #expect(sent(on: rig).map(\.response) == [response])
        rig.wait(.milliseconds(500))
        #expect(sent(on: rig).count == 1)
    }

    @Test func aResponseThatWasClearedIsNotSent() throws {
        let rig = CallRig()
        let first = try say(.milliseconds(400), on: rig)
        let second = try say(.milliseconds(3000), on: rig)
        rig.wait(.milliseconds(600))
        rig.call.clear(now: rig.now)
        rig.call.endResponse(second, now: rig.now)
        rig.wait(.milliseconds(3000))
        #expect(sent(on: rig).map(\.response) == [first])
    }

    @Test func responsesAreSentInTheirOrderEvenWhenOneIsEmpty() throws {
        let rig = CallRig()
        let first = try say(.milliseconds(2000), on: rig)
        let second = try say(.zero, on: rig)
        #expect(sent(on: rig).isEmpty)
        rig.wait(.milliseconds(2500))
        #expect(sent(on: rig).map(\.response) == [first, second])
    }

    @Test func onlyWhatWasNotHeardCountsAsCleared() throws {
        let rig = CallRig()
        let first = try say(.milliseconds(400), on: rig)
        let second = try say(.milliseconds(3000), on: rig)
        rig.wait(.milliseconds(395))
        // No tick between the end of the first and the clear: the clear itself finds out.
        rig.clearLater(.milliseconds(8))
        let accounts = rig.events.compactMap { event -> ResponseAccount? in
            if case .responseEnded(let account) = event { account } else { nil }
        }
        #expect(accounts.map(\.id) == [first, second])
        #expect(accounts.map(\.wasCleared) == [false, true])
    }

    // MARK: Interruption

    @Test func theResponseThatIsHeardDecidesWhetherItMayBeInterrupted() throws {
        let rig = CallRig(pacing: Self.unit)
        _ = try say(.milliseconds(2000), allowsBargeIn: false, on: rig)
        let second = try say(.milliseconds(4000), allowsBargeIn: true, on: rig)
        // Both were sent long before the caller speaks.
        #expect(rig.sentBytes.count == 48_000)
        rig.speak(Signal.silence(.milliseconds(300)) + Signal.voice(.milliseconds(900)))
        rig.speak(Signal.silence(.milliseconds(1000)))
        #expect(interruptions(on: rig).isEmpty)
        rig.speak(Signal.voice(.milliseconds(900)))
        #expect(interruptions(on: rig).count == 1)
        #expect(rig.flushes.count == 1)
        let cleared = rig.events.compactMap { event -> ResponseID? in
            if case .responseEnded(let account) = event, account.wasCleared {
                account.id
            } else {
                nil
            }
        }
        #expect(cleared == [second])
    }

    @Test func anInterruptibleResponseIsClearedWithWhatWaitsBehindIt() throws {
        let rig = CallRig(pacing: Self.unit)
        _ = try say(.milliseconds(4000), allowsBargeIn: true, on: rig)
        _ = try say(.milliseconds(2000), allowsBargeIn: false, on: rig)
        // By then the detector knows that this line returns no echo.
        rig.speak(Signal.silence(.milliseconds(1500)) + Signal.voice(.milliseconds(600)))
        #expect(interruptions(on: rig).count == 1)
        #expect(!rig.call.botIsAudible(at: rig.now))
    }

    @Test func anUninterruptibleResponseBehindAnInterruptibleOneIsHeardToItsEnd() throws {
        let rig = CallRig(pacing: Self.unit)
        _ = try say(.milliseconds(500), allowsBargeIn: true, on: rig)
        _ = try say(.milliseconds(3000), allowsBargeIn: false, on: rig)
        rig.speak(Signal.silence(.milliseconds(700)) + Signal.voice(.milliseconds(900)))
        rig.speak(Signal.silence(.milliseconds(2200)))
        #expect(interruptions(on: rig).isEmpty && rig.flushes.isEmpty)
    }

    @Test func whoSpeaksOnIntoAnInterruptibleResponseInterruptsIt() throws {
        let rig = CallRig()
        let start = rig.now
        _ = try say(.milliseconds(1000), allowsBargeIn: false, on: rig)
        _ = try say(.milliseconds(4000), allowsBargeIn: true, on: rig)
        rig.speak(Signal.silence(.milliseconds(300)) + Signal.voice(.milliseconds(1200)))
        let interruption = try #require(interruptions(on: rig).first)
        #expect(interruption.decided - start >= .milliseconds(1000))
        #expect(interruption.decided - start <= .milliseconds(1300))
    }

    // MARK: Packets

    @Test(arguments: [unit, pacedUnit])
    func noPacketSpansTwoResponses(pacing: PacingProfile) throws {
        let rig = CallRig(pacing: pacing)
        let lengths: [Int64] = [130, 70, 2050, 5, 400]
        var responses: [ResponseID] = []
        for (index, length) in lengths.enumerated() {
            responses.append(
                try say(
                    .milliseconds(length), level: Int16(1000 + 4000 * index),
                    allowsBargeIn: index.isMultiple(of: 2), on: rig))
        }
        rig.wait(.milliseconds(4000))
        var sums = [Int](repeating: 0, count: lengths.count)
        for (_, packet, bytes) in rig.packets {
            let index = try #require(responses.firstIndex(of: packet.response))
            let level = CallRig.encode([Int16(1000 + 4000 * index)])[0]
            #expect(bytes.allSatisfy { $0 == level })
            #expect(packet.allowsBargeIn == index.isMultiple(of: 2))
            sums[index] += bytes.count
        }
        #expect(sums == lengths.map { Int($0) * 8 })
    }

    @Test func withoutALeadAnOpenResponseGoesOutInWholePackets() throws {
        let rig = CallRig(pacing: Self.unit)
        let response = try #require(rig.call.beginResponse())
        // A synthesiser twice as fast as the ear, in pieces that are no part of a packet.
        for _ in 0..<75 {
            rig.play([Int16](repeating: 2000, count: 184), in: response)
            rig.wait(.milliseconds(10))
        }
        #expect(rig.packets.count > 8)
        #expect(rig.packets.allSatisfy { $0.bytes.count >= 800 })
        rig.call.endResponse(response, now: rig.now)
        rig.fetch()
        #expect(rig.sentBytes.count == 75 * 184)
    }

    @Test func withoutALeadAFinishedResponseGoesOutAtOnce() throws {
        let rig = CallRig(pacing: Self.unit)
        _ = try say(.milliseconds(12_345), on: rig)
        #expect(rig.sentBytes.count == 98_760)
        #expect(rig.packets.allSatisfy { $0.bytes.count <= 8000 })
        #expect(rig.call.playoutRemainder(at: rig.now) == .milliseconds(12_345))
    }
}
