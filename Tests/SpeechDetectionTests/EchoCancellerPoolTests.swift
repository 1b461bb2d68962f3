// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SpeechDetection

@Suite struct EchoCancellerPoolTests {
    @Test func lendsWhatItHasAndTakesItBack() throws {
        let pool = EchoCancellerPool(capacity: 2)
        let first = try #require(pool.take())
        _ = try #require(pool.take())
        #expect(pool.take() == nil)
        pool.give(first)
        #expect(pool.available == 1)
    }
}
