// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import Testing

@Suite struct CallEventTests {
    @Test func anEventOfADigitDoesNotShowIt() {
        var printed: Set<String> = []
        for digit in DTMFDigit.all {
            let event = CallEvent.digit(digit)
            var dumped = ""
            dump(event, to: &dumped)
            printed.insert("\(event) \(String(reflecting: event)) \([event]) \(dumped)")
        }
        // All sixteen read the same.
        #expect(printed.count == 1)
    }
}
