// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import GRPCTransport
import SyntheticCallers
import Testing
import WebSocketTransport

@testable import LoadTesting

@Suite struct CallMakerTests {
    private func maker() throws -> CallMaker {
        var targets = LoadTargets()
        targets.webex = WebexEndpoint(try GRPCURL("grpc://127.0.0.1:1"))
        targets.cxone = try WebSocketURL("ws://127.0.0.1:1/x")
        targets.genesys = try WebSocketURL("ws://127.0.0.1:1/x")
        return CallMaker(
            targets: targets,
            speech: SpeechLibrary(
                [try Sample.clip("one"), try Sample.clip("two")], noise: .silence))
    }

    private func planned(
        _ behaviour: CallerBehaviour, on platform: LoadPlatform = .genesys, seed: UInt64 = 5
    ) -> PlannedCall {
        PlannedCall(
            platform: platform, behaviour: behaviour, start: .zero, length: .seconds(30), seed: seed
        )
    }

    @Test func equalPlansMakeEqualCallers() throws {
        let maker = try maker()
        let script = maker.call(planned(.talker)).script
        #expect(script == maker.call(planned(.talker)).script)
        #expect(script != maker.call(planned(.talker, seed: 6)).script)
        #expect(script.repeats && script.longest == .seconds(30))
    }

    @Test func callersDoWhatTheirKindDoes() throws {
        let maker = try maker()
        func actions(_ behaviour: CallerBehaviour, _ platform: LoadPlatform = .genesys) -> [String]
        {
            maker.call(planned(behaviour, on: platform)).script.steps.map { step in
                switch (step.trigger, step.action) {
                case (.intoBot, .speak): "interrupt"
                case (_, .speak): "speak"
                case (_, .dial): "dial"
                case (_, .hold): "hold"
                case (_, .resume): "resume"
                default: "other"
                }
            }
        }
        #expect(Set(actions(.talker)) == ["speak"])
        #expect(Set(actions(.interrupter)) == ["speak", "interrupt"])
        #expect(Set(actions(.digits)) == ["speak", "dial"])
        #expect(Set(actions(.hold)) == ["speak", "hold", "resume"])
        #expect(Set(actions(.hold, .webex)) == ["speak"])
        #expect(actions(.silent).isEmpty && !maker.call(planned(.silent)).script.repeats)
    }

    @Test func misbehaviourLiesWithinTheCall() throws {
        let maker = try maker()
        for seed in 1...20 {
            let slow = try #require(
                maker.call(planned(.slowReader, seed: UInt64(seed))).misbehaviour)
            #expect(slow.kind == .slowReader && slow.begins < .seconds(15))
            let dead = try #require(maker.call(planned(.deadPeer, seed: UInt64(seed))).misbehaviour)
            #expect(dead.begins + dead.lasts <= .seconds(30.1))
        }
        #expect(maker.call(planned(.talker)).misbehaviour == nil)
    }
}
