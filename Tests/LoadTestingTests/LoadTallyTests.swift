// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import SyntheticCallers
import Testing

@testable import LoadTesting

@Suite struct LoadTallyTests {
    @Test func foldsReportsAndForgetsThem() throws {
        let tally = Sample.tally()
        let webex = try #require(tally.platforms[.webex])
        #expect(webex.started == 1 && webex.byCaller == 1)
        #expect(webex.turns == 2 && webex.answered == 2 && webex.early == 0)
        #expect(webex.response.count == 2)
        #expect(abs(webex.response.maximum - 420_000) < 5000)
        #expect(webex.onset.count == 1 && webex.endpoint.count == 1 && webex.prompt.count == 1)
        #expect(webex.framesSent == 400)
        #expect(webex.violationsByRule == ["no-final": 1])
        #expect(tally.live == 0 && tally.mostLive == 1)
        #expect(tally.incidents.map(\.what) == ["no-final: <RPC 1>"])
        #expect(tally.total.turns == 2)
        #expect(tally.generatorLate.count == 1)
    }

    @Test func callersThatDoNotReadSayNothingOfTheServer() throws {
        var tally = LoadTally([.webex])
        tally.began(Sample.call(.slowReader), late: .zero)
        var report = try Sample.report()
        report.ending = .init(kind: .failed, detail: "cut off")
        tally.ended(Sample.call(.slowReader), Sample.result(report))
        let webex = try #require(tally.platforms[.webex])
        #expect(webex.turns == 0 && webex.violations == 0 && webex.failed == 0)
        #expect(webex.vanished == 1 && webex.framesSent == 400)
        #expect(tally.incidents.isEmpty)
    }

    @Test func anAnswerBeforeTheEndIsCountedApart() throws {
        var report = try Sample.report()
        report.turns[0].arrivalLatency = Milliseconds(-80)
        report.turns[1].arrivalLatency = nil
        var tally = PlatformTally()
        tally.add(report, behaviour: .talker)
        #expect(tally.early == 1 && tally.response.isEmpty)
        // Four seconds passed after the second turn: it was left without an answer.
        #expect(tally.unanswered == 1 && tally.turns == 2)
    }

    @Test func onlyTheFirstIncidentsAreKept() throws {
        var tally = LoadTally([.webex])
        for _ in 0..<30 {
            tally.began(Sample.call(), late: .zero)
            tally.ended(Sample.call(), Sample.result(try Sample.report()))
        }
        #expect(tally.incidents.count == 20)
        #expect(tally.total.violations == 30)
    }

    @Test func aMachineThatStoodStillWasALateGenerator() {
        var result = Sample.result()
        result.tally.stoodStill(.seconds(70))
        #expect(result.verdict == .inconclusive)
    }

    @Test func recentFiguresAreTakenOnce() {
        var tally = Sample.tally()
        #expect(tally.takeRecent().response.count == 2)
        #expect(tally.takeRecent().response.count == 0)
        #expect(tally.total.response.count == 2)
    }
}
