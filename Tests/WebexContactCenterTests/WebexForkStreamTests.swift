// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import CAllocationCounter
import Foundation
import SwiftProtobuf
import Testing
import WebexMessages

@testable import WebexContactCenter

/// Makes requests of media forking.
enum ForkRequest {
    static func message(
        conversation: String = "c-1", organization: String = "o-1",
        role: WebexParticipantRole = .caller,
        roleID: String = "r-1", audio: [UInt8]? = [UInt8](repeating: 0x80, count: 160),
        encoding: WebexAudioEncoding = .mulaw, rate: Int32 = 8_000, milliseconds: Int64? = nil,
        info: [String: String] = [:]
    ) throws -> [UInt8] {
        var request = WebexConversationAudioForkingRequest()
        request.conversationID = conversation
        request.customerOrgID = organization
        request.additionalInfo = info
        if let audio {
            request.audio.audioData = Data(audio)
            request.audio.encoding = encoding
            request.audio.sampleRateHertz = rate
            request.audio.role = role
            request.audio.roleID = roleID
            if let milliseconds {
                request.audio.audioTimestamp.seconds = 1_800_000_000 + milliseconds / 1_000
                request.audio.audioTimestamp.nanos = Int32(milliseconds % 1_000) * 1_000_000
            }
        }
        return try request.serializedBytes()
    }
}

@Suite struct WebexForkStreamTests {
    private typealias Verdict = WebexForkStream.Verdict

    private func receive(_ stream: inout WebexForkStream, _ message: [UInt8]) -> Verdict {
        stream.receive(message.span)
    }

    /// Opens the leg of a verdict as its directory would.
    @discardableResult
    private func open(_ stream: inout WebexForkStream, _ message: [UInt8]) -> WebexForkStream
        .Opening?
    {
        guard case .opens(let opening, let leg, _, _) = stream.receive(message.span) else {
            return nil
        }
        stream.opened(leg, format: opening.format.completed(by: .assumed))
        return opening
    }

    @Test func aMessageIsReadAsItsTypeIsDefined() throws {
        let octets = try ForkRequest.message(
            role: .agent, audio: [1, 2, 3], encoding: .alaw, rate: 16_000, milliseconds: 1_250,
            info: ["a": "b", "c": ""])
        let message = try WebexForkMessage(reading: octets.span)
        #expect(octets.span.text(message.conversation) == "c-1")
        #expect(octets.span.text(message.organization) == "o-1")
        #expect(octets.span.text(message.roleID) == "r-1")
        #expect(octets.span.copy(message.data) == [1, 2, 3])
        #expect(message.encoding == 3 && message.rate == 16_000 && message.role == 2)
        #expect(message.capturedAt == 1_800_000_001_250_000_000)
        #expect(WebexForkMessage.additionalInfo(in: octets.span) == ["a": "b", "c": ""])
    }

    @Test func timestampsThatAreNoneAreNone() throws {
        for (seconds, nanos) in [
            (Int64(0), Int32(0)), (-1, 0), (1, -1), (1, 1_000_000_000), (.max, 0),
            (253_402_300_799, 0),
        ] {
            var request = WebexConversationAudioForkingRequest()
            request.audio.audioTimestamp.seconds = seconds
            request.audio.audioTimestamp.nanos = nanos
            let octets: [UInt8] = try request.serializedBytes()
            #expect(try WebexForkMessage(reading: octets.span).capturedAt == nil)
        }
    }

    @Test func bothLegsInOneRPC() throws {
        var stream = WebexForkStream()
        let caller = try ForkRequest.message()
        let agent = try ForkRequest.message(role: .agent, roleID: "r-2", encoding: .alaw)
        let first = open(&stream, caller)
        #expect(first?.key.description == "c-1/caller/r-1")
        #expect(first?.organization == "o-1")
        let second = open(&stream, agent)
        #expect(second?.key.description == "c-1/agent/r-2")
        for _ in 0..<3 {
            for (index, message) in [caller, agent].enumerated() {
                guard case .audio(index, let data, nil) = receive(&stream, message) else {
                    Issue.record("leg \(index) was not found")
                    return
                }
                #expect(data.count == 160)
            }
        }
    }

    @Test func aLegIsRoleAndIdentifierTogether() throws {
        var stream = WebexForkStream()
        var keys: Set<String> = []
        for (role, roleID) in [
            (WebexParticipantRole.caller, "r-1"), (.caller, "r-2"), (.agent, "r-1"), (.agent, ""),
            (.roleUnspecified, "r-1"),
        ] {
            let opening = open(&stream, try ForkRequest.message(role: role, roleID: roleID))
            keys.insert(opening?.key.description ?? "none")
        }
        #expect(
            keys == [
                "c-1/caller/r-1", "c-1/caller/r-2", "c-1/agent/r-1", "c-1/agent/",
                "c-1/unspecified/r-1",
            ])
        // A role of the future with an identifier that is known as unspecified.
        let future = try ForkRequest.message(role: .UNRECOGNIZED(9), roleID: "r-1")
        guard case .audio(4, _, _) = receive(&stream, future) else {
            Issue.record("an unknown role is more than none")
            return
        }
    }

    @Test func emptyIdentifiersEndTheRPC() throws {
        for (conversation, organization, expected) in [
            ("", "o-1", WebexForkRefusal.missingConversation), ("c-1", "", .missingOrganization),
            ("", "", .missingConversation),
        ] {
            var stream = WebexForkStream()
            let message = try ForkRequest.message(
                conversation: conversation, organization: organization)
            #expect(receive(&stream, message) == .refused(expected))
            #expect(expected.status == .invalidArgument)
        }
        var stream = WebexForkStream()
        let nobody = try ForkRequest.message(role: .roleUnspecified, roleID: "")
        #expect(receive(&stream, nobody) == .refused(.missingLeg))
        #expect(receive(&stream, []) == .ignored)
    }

    @Test func laterMessagesMayLeaveIdentifiersOut() throws {
        var stream = WebexForkStream()
        open(&stream, try ForkRequest.message())
        guard
            case .audio(0, _, _) = receive(
                &stream, try ForkRequest.message(conversation: "", organization: ""))
        else {
            Issue.record("identifiers of the first message are not kept")
            return
        }
    }

    @Test func anRPCKeepsItsConversationAndOrganisation() throws {
        var stream = WebexForkStream()
        open(&stream, try ForkRequest.message())
        #expect(
            receive(&stream, try ForkRequest.message(conversation: "c-2"))
                == .refused(.conversationChanged))
        #expect(
            receive(&stream, try ForkRequest.message(organization: "o-2"))
                == .refused(.wrongOrganization))
        #expect(WebexForkRefusal.wrongOrganization.status == .permissionDenied)
    }

    @Test(arguments: [
        String(repeating: "a", count: 129), "a\nb", "a\u{0}", "\u{7F}",
    ])
    func identifiersArePlainAndShort(identifier: String) throws {
        for message in [
            try ForkRequest.message(conversation: identifier),
            try ForkRequest.message(organization: identifier),
            try ForkRequest.message(roleID: identifier),
        ] {
            var stream = WebexForkStream()
            #expect(receive(&stream, message) == .refused(.badIdentifier))
        }
    }

    @Test func whatIsNoMessageEndsTheRPC() throws {
        for octets: [UInt8] in [[0xFF], [0x0A, 5, 1], [0x1A, 2, 0x0A, 9], [0x0B], [0x00, 0x00]] {
            var stream = WebexForkStream()
            #expect(receive(&stream, octets) == .refused(.malformedMessage))
        }
        var stream = WebexForkStream()
        let notText: [UInt8] = [0x0A, 2, 0xC3, 0x28, 0x12, 1, 0x41]
        #expect(receive(&stream, notText) == .refused(.badIdentifier))
    }

    // MARK: Formats

    @Test(arguments: [Int32(-1), 1, 7_999, 11_025, 44_100, 48_000, .max])
    func otherRatesAreRefused(rate: Int32) throws {
        var stream = WebexForkStream()
        #expect(receive(&stream, try ForkRequest.message(rate: rate)) == .refused(.badRate))
        #expect(WebexForkRefusal.badRate.isAboutFormat)
    }

    @Test func encodingsThatAreNotKnownAreRefused() throws {
        var stream = WebexForkStream()
        let message = try ForkRequest.message(encoding: .UNRECOGNIZED(4))
        #expect(receive(&stream, message) == .refused(.badEncoding))
    }

    @Test(arguments: [
        (WebexAudioEncoding.mulaw, Int32(8_000), AudioFormat.pcmu8000),
        (.alaw, 16_000, AudioFormat(.pcma, rate: .hz16000)),
        (.linear16, 16_000, AudioFormat(.linear16LittleEndian, rate: .hz16000)),
        (.unspecified, 0, .pcmu8000), (.unspecified, 16_000, AudioFormat(.pcmu, rate: .hz16000)),
        (.linear16, 0, AudioFormat(.linear16LittleEndian, rate: .hz8000)),
    ])
    func everyFormatIsTakenAndTheRestAssumed(
        encoding: WebexAudioEncoding, rate: Int32, expected: AudioFormat
    ) throws {
        var stream = WebexForkStream()
        let message = try ForkRequest.message(encoding: encoding, rate: rate)
        #expect(open(&stream, message)?.format.audio == expected)
    }

    @Test func aFormatWithoutAudioHoldsForWhatFollows() throws {
        var stream = WebexForkStream()
        let announcement = try ForkRequest.message(audio: [], encoding: .linear16, rate: 16_000)
        #expect(receive(&stream, announcement) == .ignored)
        let bare = try ForkRequest.message(encoding: .unspecified, rate: 0)
        let expected = WebexForkFormat(encoding: .linear16, rate: 16_000)
        #expect(open(&stream, bare)?.format == expected)
        // The other leg of the same RPC, too.
        let other = try ForkRequest.message(
            role: .agent, roleID: "r-2", encoding: .unspecified, rate: 0)
        #expect(open(&stream, other)?.format == expected)
    }

    @Test func aLegKeepsItsFormat() throws {
        var stream = WebexForkStream()
        open(&stream, try ForkRequest.message())
        guard
            case .audio = receive(&stream, try ForkRequest.message(encoding: .unspecified, rate: 0))
        else {
            Issue.record("a message that says nothing of its format was refused")
            return
        }
        #expect(
            receive(&stream, try ForkRequest.message(rate: 16_000)) == .refused(.formatChanged))
        #expect(
            receive(&stream, try ForkRequest.message(encoding: .alaw)) == .refused(.formatChanged))
    }

    @Test func whatIsTooLittleForAudioIsIgnored() throws {
        var stream = WebexForkStream()
        for count in [0, 3, 15] {
            let message = try ForkRequest.message(audio: [UInt8](repeating: 0, count: count))
            #expect(receive(&stream, message) == .ignored)
        }
        #expect(receive(&stream, try ForkRequest.message(audio: nil)) == .ignored)
        #expect(
            open(&stream, try ForkRequest.message(audio: [UInt8](repeating: 0, count: 16))) != nil)
    }

    @Test func legsAreLimited() throws {
        var stream = WebexForkStream()
        for index in 0..<8 {
            #expect(open(&stream, try ForkRequest.message(roleID: "r-\(index)")) != nil)
        }
        #expect(
            receive(&stream, try ForkRequest.message(roleID: "r-8")) == .refused(.tooManyLegs))
    }

    @Test(.enabled(if: allocation_counter_available()))
    func audioOfAnOpenLegAllocatesNothing() throws {
        var stream = WebexForkStream()
        let caller = try ForkRequest.message(milliseconds: 20)
        let agent = try ForkRequest.message(role: .agent, roleID: "r-2")
        open(&stream, caller)
        open(&stream, agent)
        var count = 0
        allocation_counter_start()
        for _ in 0..<1_000 {
            if case .audio = stream.receive(caller.span) { count += 1 }
            if case .audio = stream.receive(agent.span) { count += 1 }
        }
        #expect(allocation_counter_stop() == 0)
        #expect(count == 2_000)
    }

    @Test func anyOctetsEndWithoutTrap() throws {
        let seed: UInt64 = 0x5EED_000B
        print("seed \(seed)")
        var state = seed
        func next() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        let good = try ForkRequest.message(milliseconds: 20, info: ["a": "b"])
        for _ in 0..<5_000 {
            var stream = WebexForkStream()
            open(&stream, good)
            for _ in 0..<3 {
                var octets = good
                for _ in 0...next() % 4 { octets[Int(next()) % octets.count] = next() }
                octets.removeLast(Int(next()) % 40 / 20 * Int(next() % 100))
                _ = receive(&stream, octets)
                _ = WebexForkMessage.additionalInfo(in: octets.span)
            }
        }
    }
}
