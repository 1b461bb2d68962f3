// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LoadTesting

@Suite struct ProcessMeterTests {
    @Test func readsTimesBehindAnyName() throws {
        let stat = "77 (a (b) c) S 1 77 77 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 3 0 100 1 2 3"
        let reading = try #require(
            ProcessMeter.parse(stat: stat, status: "Name:\ta\nVmRSS:\t   65536 kB\nThreads: 3\n"))
        #expect(reading == .init(cpu: 2, memory: 65_536))
        #expect(ProcessMeter.parse(stat: "77 (a", status: "") == nil)
    }

    @Test func readsTheMachine() throws {
        let reading = try #require(
            MachineMeter.parse("cpu  100 10 40 800 50 5 5 30 0 0\ncpu0 1 2 3\n"))
        #expect(reading == .init(busy: 1.6, idle: 8.5, stolen: 0.3))
        #expect(MachineMeter.parse("intr 1 2") == nil)
    }

    @Test func readsTheLimitOfOpenFiles() {
        let text = "Limit   Soft Limit  Hard Limit  Units\nMax open files   1024   524288   files\n"
        #expect(OpenFileLimit.parse(text) == 1024)
        #expect(OpenFileLimit.current ?? 0 > 0)
    }

    @Test func readsThisProcess() throws {
        let reading = try #require(ProcessMeter.own.read())
        #expect(reading.memory > 1000)
        #expect(ProcessMeter(pid: .max).read() == nil)
    }
}
