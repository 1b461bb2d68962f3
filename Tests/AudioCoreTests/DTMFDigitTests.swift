// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Testing

@Suite struct DTMFDigitTests {
    @Test(arguments: Array("0123456789*#ABCDabcd"))
    func everyKeyIsADigit(key: Character) throws {
        let digit = try #require(DTMFDigit(key))
        #expect(digit.key == Character(key.uppercased()))
    }

    @Test(arguments: ["E", "٣", "x", " ", "ß", "1️⃣"] as [Character])
    func anythingElseIsNot(key: Character) {
        #expect(DTMFDigit(key) == nil)
    }

    @Test func theKeypadIsThatOfQ23() throws {
        #expect(String(DTMFDigit.all.map(\.key)) == "123A456B789C*0#D")
        let five = try #require(DTMFDigit("5"))
        #expect(five == DTMFDigit(row: 1, column: 1))
        #expect(five.lowFrequency == 770 && five.highFrequency == 1336)
    }

    /// A digit within something of the kind that programs print.
    private struct Form {
        var digits: [DTMFDigit]
        var last: DTMFDigit?
        var byName: [String: DTMFDigit]
    }

    /// Everything that Swift can make of a digit without asking for its key.
    private func texts(of digit: DTMFDigit) -> [String] {
        let form = Form(digits: [digit], last: digit, byName: ["pin": digit])
        var dumped = ""
        dump(digit, to: &dumped)
        dump(form, to: &dumped)
        var printed = ""
        print(digit, digit as Any, Optional(digit) as Any, [digit], form, to: &printed)
        debugPrint(digit, [digit], form, to: &printed)
        return [
            "\(digit)", String(describing: digit), String(reflecting: digit), "\(form)",
            String(reflecting: form), "\(Mirror(reflecting: form).children.map(\.value))", dumped,
            printed,
        ]
    }

    @Test func noWayOfPrintingTellsOneDigitFromAnother() {
        let all = Set(DTMFDigit.all.map(texts))
        #expect(all.count == 1)
        #expect(all.first?.first == "•")
    }

    @Test func reflectionFindsNothingInside() {
        for digit in DTMFDigit.all {
            let mirror = Mirror(reflecting: digit)
            #expect(mirror.children.isEmpty && mirror.superclassMirror == nil)
        }
    }
}
