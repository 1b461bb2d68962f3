// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import MediaServer
import Testing
import WebexMessages

@testable import WebexContactCenter

/// Random calls, sensible and not, against what must hold in every one of them.
@Suite struct WebexConversationRandomTests {
    private struct Tally {
        var opened: Set<Int> = []
        var completed: Set<Int> = []
        var cancelled: Set<Int> = []
        var promptsInFinal: [Int: Int] = [:]
        var chunks = 0
        var ends = 0
        var starts = 0

        mutating func count(_ lines: [String], _ mode: WebexAnswerMode) {
            for line in lines {
                let words = line.split(separator: " ").map(String.init)
                if line.hasPrefix("end ") { ends += 1 }
                if line.hasPrefix("start ") { starts += 1 }
                guard let rpc = Int(words[0]) else { continue }
                guard opened.contains(rpc), !completed.contains(rpc), !cancelled.contains(rpc)
                else {
                    Issue.record("on an RPC that is not open: \(line)")
                    continue
                }
                guard words[1] == "CHUNK" || words[1] == "FINAL" else {
                    completed.insert(rpc)
                    continue
                }
                for word in words where word.hasPrefix("[") {
                    if words[1] == "FINAL" { promptsInFinal[rpc, default: 0] += 1 }
                    chunks += 1
                    if words[1] == "CHUNK" {
                        let size = Int(word.filter { $0.isNumber }) ?? 0
                        if !(100...65_536).contains(size) { Issue.record("\(line)") }
                    }
                }
                if mode == .wav, words[1] != "FINAL" { Issue.record("\(line)") }
            }
        }
    }

    private static let events: [WebexEventInput.EventType] = [
        .sessionStart, .noInput, .startOfDtmf, .customEvent, .unspecifiedInput, .UNRECOGNIZED(9),
    ]

    private func step(
        _ scene: inout WebexScene, _ tally: inout Tally, _ random: inout WebexRandom
    ) {
        let open = Array(tally.opened.subtracting(tally.completed).subtracting(tally.cancelled))
            .sorted()
        let rpc = open.randomElement(using: &random) ?? 0
        let next = tally.opened.count + 1
        switch Int.random(in: 0..<22, using: &random) {
        case 0...2:
            tally.opened.insert(next)
            scene.openAudio(next)
        case 3:
            tally.opened.insert(next)
            scene.send(Self.events.randomElement(using: &random)!, on: next)
        case 4:
            tally.opened.insert(next)
            scene.digits([Int.random(in: 0...17, using: &random), 16], on: next)
        case 5:
            if Int.random(in: 0..<8, using: &random) == 0 {
                tally.opened.insert(next)
                scene.send(.sessionEnd, on: next)
            }
        case 6:
            scene.send(
                WebexScene.request(Self.events.randomElement(using: &random)!), on: rpc,
                opens: false)
        case 7...9: scene.audio(rpc, bytes: Int.random(in: 0...320, using: &random))
        case 10, 11: scene.halfClose(rpc)
        case 12:
            if open.contains(rpc) {
                scene.cancel(rpc)
                tally.cancelled.insert(rpc)
            }
        case 13: scene.speak(whileBotIsAudible: Bool.random(using: &random))
        case 14: scene.bargeIn()
        case 15: scene.endTurn()
        case 16, 17:
            scene.play(
                Int.random(in: 1...70_000, using: &random), bargeIn: Bool.random(using: &random),
                response: UInt32.random(in: 1...3, using: &random))
        case 18: scene.listen()
        case 19: scene.bot { $0.send(CustomEvent(name: "e"), at: $1) }
        case 20: scene.wait(Int64.random(in: 1...30_000, using: &random))
        default:
            if Int.random(in: 0..<10, using: &random) == 0 {
                scene.bot { $0.end(CallEnding(.failed), at: $1) }
            } else {
                scene.bot { conversation, _ in conversation.report(.noMatch) }
            }
        }
    }

    @Test(arguments: [WebexAnswerMode.chunk, .wav])
    func everyRPCIsCompletedOnceWhateverHappens(mode: WebexAnswerMode) {
        var random = WebexRandom(seed: 0x5EED_0303)
        var chunks = 0
        for _ in 0..<500 {
            var scene = WebexScene(mode)
            var tally = Tally()
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                step(&scene, &tally, &random)
                tally.count(scene.take(), mode)
            }
            // A client that sends no more half-closes, and time passes.
            for rpc in tally.opened { scene.halfClose(rpc) }
            tally.count(scene.take(), mode)
            // Twice: what an RPC that waited too long still carried is played first.
            for _ in 0..<2 { scene.wait(1_000_000) }
            tally.count(scene.take(), mode)
            #expect(tally.completed.union(tally.cancelled) == tally.opened)
            #expect(tally.ends == min(tally.starts, 1))
            let most = mode == .wav ? 1 : 0
            #expect(tally.promptsInFinal.values.allSatisfy { $0 <= most })
            chunks += tally.chunks
        }
        #expect(chunks > 200)
    }

    @Test func noAudioOfBeforeAClearLeavesAfterIt() {
        var random = WebexRandom(seed: 0x5EED_0304)
        for _ in 0..<200 {
            var scene = WebexScene(.chunk)
            var tally = Tally()
            scene.send(.sessionStart, on: 1)
            tally.opened.insert(1)
            for _ in 0..<30 {
                step(&scene, &tally, &random)
                tally.count(scene.take(), .chunk)
            }
            scene.bargeIn()
            tally.count(scene.take(), .chunk)
            // Nothing new is said, so nothing with audio may leave.
            for rpc in tally.opened { scene.halfClose(rpc) }
            tally.opened.insert(10_000)
            scene.openAudio(10_000)
            scene.endTurn()
            scene.listen()
            scene.wait(1_000_000)
            #expect(!scene.take().contains { $0.contains("[") })
        }
    }

    @Test func audioCostsNoAllocation() {
        var scene = WebexScene()
        scene.send(.sessionStart, on: 1)
        scene.listen()
        scene.openAudio(2)
        scene.audio(2)
        var conversation = scene.conversation
        let now = scene.now
        var accepted = 0
        let count = allocationsWhenWarm {
            for _ in 0..<100 {
                let verdict = conversation.receiveAudio(
                    on: WebexScene.id(2), encoding: 2, sampleRate: 8000, byteCount: 160, at: now)
                if verdict != .ignored, !conversation.hasActions { accepted += 1 }
            }
        }
        #expect(count == 0)
        #expect(accepted == 200)
    }
}
