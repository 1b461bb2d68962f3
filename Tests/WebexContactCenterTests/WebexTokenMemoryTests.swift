// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import WebexContactCenter

@Suite struct WebexTokenMemoryTests {
    private func entry(until goodUntil: Int64) -> WebexTokenMemory.Entry {
        WebexTokenMemory.Entry(goodUntil: goodUntil, issuer: "i", keyGeneration: 1)
    }

    @Test func aTokenIsKnownUntilItEnds() {
        var memory = WebexTokenMemory()
        memory.remember([1], entry(until: 100))
        #expect(memory.entry(for: [1], unixSeconds: 99) == entry(until: 100))
        #expect(memory.entry(for: [2], unixSeconds: 99) == nil)
        #expect(memory.entry(for: [1], unixSeconds: 100) == nil)
        #expect(memory.count == 0)
    }

    @Test func aFullMemoryForgetsWhatEndsSoonest() {
        var memory = WebexTokenMemory(capacity: 3)
        for (token, end) in [(UInt8(1), Int64(300)), (2, 100), (3, 200)] {
            memory.remember([token], entry(until: end))
        }
        memory.remember([3], entry(until: 250))
        #expect(memory.count == 3)
        memory.remember([4], entry(until: 50))
        #expect(memory.count == 3)
        #expect(memory.entry(for: [2], unixSeconds: 0) == nil)
        for token in [UInt8(1), 3, 4] {
            #expect(memory.entry(for: [token], unixSeconds: 0) != nil)
        }
    }

    @Test func aForgottenTokenIsUnknown() {
        var memory = WebexTokenMemory()
        memory.remember([1], entry(until: 100))
        memory.forget([1])
        #expect(memory.entry(for: [1], unixSeconds: 0) == nil)
    }
}
