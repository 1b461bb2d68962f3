// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import GRPCTransport

@Suite struct GRPCStatusTests {
    @Test func numbersAreThoseOfGRPC() {
        #expect(GRPCStatusCode.allCases.map(\.rawValue) == Array(0...16))
        #expect(GRPCStatusCode.resourceExhausted.rawValue == 8)
        #expect(GRPCStatusCode.unimplemented.rawValue == 12)
        #expect(GRPCStatusCode.unauthenticated.rawValue == 16)
    }

    @Test func messagesArePrintableASCIIOnTheWire() {
        #expect(PercentEncoding.encode("a b~") == "a b~")
        #expect(PercentEncoding.encode("100 %\n\u{E9}") == "100 %25%0A%C3%A9")
        for text in ["", "plain", "Grüße, 世界 %", "\u{0}\u{7F}"] {
            #expect(PercentEncoding.decode(PercentEncoding.encode(text)) == text)
        }
        #expect(PercentEncoding.decode("50% off %zz %4") == "50% off %zz %4")
    }

    @Test func trailersCarryTheStatus() {
        var trailers = GRPCMetadata(
            GRPCStatus(.notFound, "no ü").fields + [HTTP2Field("x-more", "1")])
        #expect(GRPCStatus(trailers: trailers) == GRPCStatus(.notFound, "no ü"))
        trailers = GRPCMetadata([HTTP2Field("grpc-status", "99")])
        #expect(GRPCStatus(trailers: trailers).code == .unknown)
        #expect(GRPCStatus(trailers: [:]).code == .unknown)
    }

    @Test(arguments: [
        ("401", GRPCStatusCode.unauthenticated), ("404", .unimplemented), ("503", .unavailable),
        ("418", .unknown),
    ])
    func responsesThatAreNotGRPC(http: String, code: GRPCStatusCode) {
        #expect(GRPCStatus(httpStatus: http).code == code)
    }
}
