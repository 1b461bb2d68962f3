// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LoadTesting

@Suite struct SharesTests {
    @Test func readsNamesAndNumbers() throws {
        let shares = try Shares<LoadPlatform>(parsing: "webex=40, genesys=20,cxone", of: "platform")
        #expect(shares.entries.map(\.key) == [.webex, .genesys, .cxone])
        #expect(shares.entries.map(\.weight) == [40, 20, 1])
        #expect(shares.total == 61)
    }

    @Test(arguments: [
        ("teams=4", "'teams' is no platform: there are webex, cxone, genesys"),
        ("webex=1,webex=2", "'webex' is given twice"),
        ("webex=-1", "'-1' of 'webex' is no whole number from 0 to 1000000"),
        ("webex=ten", "'ten' of 'webex' is no whole number from 0 to 1000000"),
        ("webex=0", "'webex=0' leaves no platform"),
        ("", "'' is no platform: there are webex, cxone, genesys"),
    ])
    func saysWhatIsWrong(_ text: String, _ problem: String) {
        #expect(throws: LoadProblem(problem)) {
            try Shares<LoadPlatform>(parsing: text, of: "platform")
        }
    }

    @Test(arguments: [1, 2, 3, 7, 100, 2000])
    func partsAddUp(_ count: Int) throws {
        let shares = try Shares<LoadPlatform>(parsing: "webex=1,cxone=1,genesys=1", of: "platform")
        let parts = shares.parts(of: count).map(\.weight)
        #expect(parts.reduce(0, +) == count)
        #expect((parts.max() ?? 0) - (parts.min() ?? 0) <= 1)
    }
}
