// Sidetone
// SPDX-License-Identifier: Apache-2.0

import MediaEngine
import Testing

@Suite struct IdentifiersTests {
    @Test(arguments: Array("0123456789*#ABCDabcd"))
    func everyKeyIsADigit(character: Character) throws {
        let digit = try #require(DTMFDigit(character))
        #expect(digit.character == Character(character.uppercased()))
    }

    @Test(arguments: ["E", "٣", "x", " ", "ß", "1️⃣"] as [Character])
    func anythingElseIsNot(character: Character) {
        #expect(DTMFDigit(character) == nil)
    }

    @Test func noWayOfPrintingShowsTheDigit() throws {
        let digit = try #require(DTMFDigit("7"))
        var dumped = ""
        dump(digit, to: &dumped)
        let printed = [
            "\(digit)", String(describing: digit), String(reflecting: digit), dumped,
            "\(CallEvent.digit(digit))", "\([digit])",
        ]
        for text in printed {
            #expect(!text.contains("7") && !text.contains("55"), "\(text)")
        }
    }
}
