// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import GRPCTransport
import Logging
import MediaEngine
import MediaServer
import NIOCore
import NIOPosix
import SwiftProtobuf
import Testing
import WebexMessages

@testable import WebexContactCenter

/// The adapter over real sockets.
@Suite(.timeLimit(.minutes(1))) struct WebexAdapterTests {
    private static let input = "VOICE_DTMF:1/3000/0"

    @Test func aCallFromItsGreetingToTheHangUp() async throws {
        try await WebexAdapterRig.with(WebexAdapterRig.talker) { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            let client = try await rig.connect()
            let greeting = try await WebexAdapterRig.exchange(
                WebexScene.request(.sessionStart), on: client)
            #expect(
                greeting == [
                    // The engine keeps 5 ms back to the end; too short a chunk is filled up.
                    "0 CHUNK [1560] \(Self.input)", "0 CHUNK [100] \(Self.input)",
                    "0 FINAL \(Self.input)", "ok",
                ])
            var notes = try #require(await calls.next()).makeAsyncIterator()
            guard case .started(let info)? = await notes.next() else {
                Issue.record("no call")
                return
            }
            #expect(info.key.description == "webex/o-1/c-77")
            #expect(info.organization == "o-1")
            #expect(info.bot == "bot-a")

            let turn = try await WebexTestPeer.open(on: client)
            try await turn.send(WebexScene.audioRequest())
            for packet in WebexAdapterRig.voice { try await turn.send(packet) }
            for packet in WebexAdapterRig.audio(0xFF, packets: 60) { try await turn.send(packet) }
            let answer = await turn.rest()
            #expect(
                answer == [
                    "0 FINAL START_OF_INPUT", "0 CHUNK END_OF_INPUT",
                    "0 CHUNK [800] \(Self.input)", "0 FINAL \(Self.input)", "ok",
                ])

            let hangUp = try await WebexAdapterRig.exchange(
                WebexScene.request(.sessionEnd), on: client)
            #expect(hangUp == ["0 FINAL", "ok"])
            var end: CallEndReason?
            while let note = await notes.next() {
                if case .ended(let reason) = note { end = reason }
                if end != nil { break }
            }
            #expect(end == .platformEnded)
            #expect(rig.media.directory.count == 0)
            let counts = rig.adapter.counts
            #expect(counts.rpcs == 3)
            #expect(counts.conversations == 1)
            #expect(counts.turns == 1)
            #expect(counts.violations == [:])
        }
    }

    @Test func theRPCsOfACallMayComeOnAnyLoop() async throws {
        // A bot without a word: audio that comes at once instead of in time has no prompt to lie in.
        let listener = WebexRecordingBot.Behaviour(
            started: { $0.listen() },
            event: { session, event in
                if case .turnEnded = event { session.listen() }
            },
            input: { session, _ in session.listen() })
        try await WebexAdapterRig.with(listener) { rig in
            _ = try await WebexAdapterRig.exchange(
                WebexScene.request(.sessionStart), on: rig.connect())
            // Connections go round the event loops: some land on another than the call's.
            for _ in 0..<8 {
                let client = try await rig.connect()
                let answer = try await WebexAdapterRig.exchange(
                    WebexScene.request(.noInput), on: client)
                #expect(answer == ["0 FINAL \(Self.input)", "ok"])
                let turn = try await WebexTestPeer.open(on: client)
                try await turn.send(WebexScene.audioRequest())
                for packet in WebexAdapterRig.voice { try await turn.send(packet) }
                try await turn.send(WebexScene.request(.unspecifiedInput), halfCloses: true)
                let lines = await turn.rest()
                #expect(lines.first == "0 FINAL START_OF_INPUT")
                #expect(lines.last == "ok")
            }
            #expect(rig.adapter.counts.conversations == 1)
            if rig.loops.count > 1 { #expect(rig.adapter.counts.handovers > 0) }
        }
    }

    @Test func anEndFollowsTheWordsOnTheSameRPC() async throws {
        let behaviour = WebexRecordingBot.Behaviour(
            started: { $0.listen() },
            input: { session, _ in
                session.say(milliseconds: 5_000)
                session.endAfterPlayout(
                    CallEnding(.transfer(destination: "desk"), summary: "angry"))
            })
        for mode in [WebexAnswerMode.chunk, .wav] {
            try await WebexAdapterRig.with(behaviour, mode: mode) { rig in
                let client = try await rig.connect()
                _ = try await WebexAdapterRig.exchange(
                    WebexScene.request(.sessionStart), on: client)
                let began = MonotonicClock.now()
                let lines = try await WebexAdapterRig.exchange(
                    WebexScene.request(.noInput), on: client)
                // Not once the words were heard.
                #expect(MonotonicClock.now() - began < .milliseconds(4_000))
                let end = "\(Self.input) summary=angry"
                #expect(
                    lines
                        == (mode == .chunk
                            ? [
                                "0 CHUNK [39960] \(Self.input)", "0 CHUNK [100] \(Self.input)",
                                "0 FINAL TRANSFER_TO_AGENT(desk) \(end)", "ok",
                            ] : ["0 FINAL TRANSFER_TO_AGENT(desk) [40058] \(end)", "ok"]))
                let late = try await WebexAdapterRig.exchange(
                    WebexScene.request(.noInput), on: client)
                #expect(late == ["0 FINAL", "ok"])
            }
        }
    }

    @Test func voiceOnTheNextRPCStopsTheGreetingOnTheFirst() async throws {
        let behaviour = WebexRecordingBot.Behaviour(
            started: { session in
                // The greeting goes on: it has no end, and `listen` is never said.
                guard let response = session.beginResponse(allowsBargeIn: true) else { return }
                let samples = [Int16](repeating: 1000, count: 40_000)
                _ = session.play(LinearAudio(samples.span, rate: .hz8000), in: response)
            },
            event: { session, event in
                guard case .turnEnded = event else { return }
                session.say(milliseconds: 100)
                session.listen()
            })
        try await WebexAdapterRig.with(behaviour) { rig in
            let client = try await rig.connect()
            let first = try await WebexTestPeer.open(on: client)
            try await first.send(WebexScene.request(.sessionStart), halfCloses: true)
            let second = try await WebexTestPeer.open(on: client)
            try await second.send(WebexScene.audioRequest())
            for packet in WebexAdapterRig.audio(0xFF, packets: 5) + WebexAdapterRig.voice {
                try await second.send(packet)
            }
            #expect(
                await first.rest() == [
                    "0 CHUNK [39960!] \(Self.input)", "0 FINAL \(Self.input)", "ok",
                ])
            for packet in WebexAdapterRig.audio(0xFF, packets: 60) { try await second.send(packet) }
            #expect(
                await second.rest() == [
                    "0 FINAL START_OF_INPUT", "0 CHUNK END_OF_INPUT",
                    "0 CHUNK [800] \(Self.input)", "0 FINAL \(Self.input)", "ok",
                ])
        }
    }

    @Test func keysReachTheBotAsOneInput() async throws {
        try await WebexAdapterRig.with(WebexAdapterRig.talker) { rig in
            var calls = rig.bots.made.makeAsyncIterator()
            let client = try await rig.connect()
            _ = try await WebexAdapterRig.exchange(WebexScene.request(.sessionStart), on: client)
            var keys = WebexScene.request()
            keys.dtmfInput.dtmfEvents = [.dtmfDigitFour, .dtmfDigitZero]
            let answer = try await WebexAdapterRig.exchange(keys, on: client)
            #expect(answer.first == "0 CHUNK [800] \(Self.input)")
            var seen = ""
            var notes = try #require(await calls.next()).makeAsyncIterator()
            while let note = await notes.next() {
                if case .event(.digit(let digit)) = note { seen.append(digit.key) }
                if case .input(let input) = note {
                    #expect(input == .digitsCompleted)
                    break
                }
            }
            #expect(seen == "40")
        }
    }

    @Test func aCancelledRPCLeavesTheCall() async throws {
        try await WebexAdapterRig.with(WebexAdapterRig.talker) { rig in
            let client = try await rig.connect()
            _ = try await WebexAdapterRig.exchange(WebexScene.request(.sessionStart), on: client)
            let turn = try await WebexTestPeer.open(on: client)
            try await turn.send(WebexScene.audioRequest())
            try await turn.cancel()
            let answer = try await WebexAdapterRig.exchange(
                WebexScene.request(.noInput), on: client)
            #expect(answer.last == "ok")
            #expect(rig.media.directory.count == 1)
            #expect(rig.adapter.counts.cancellations == 1)
        }
    }

    @Test func anIdleCallEnds() async throws {
        try await WebexAdapterRig.with(WebexAdapterRig.talker, idleTimeout: .milliseconds(500)) {
            rig in
            var calls = rig.bots.made.makeAsyncIterator()
            _ = try await WebexAdapterRig.exchange(
                WebexScene.request(.sessionStart), on: rig.connect())
            var notes = try #require(await calls.next()).makeAsyncIterator()
            while let note = await notes.next() {
                guard case .ended(let reason) = note else { continue }
                #expect(reason == .connectionLost)
                break
            }
            #expect(rig.media.directory.count == 0)
        }
    }
}
