// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import GRPCTransport
internal import NIOCore
internal import SwiftProtobuf
package import WebexMessages

/// The requests of one call. Fields that every request repeats are encoded once; audio is framed by
/// hand, because it is sent fifty times a second.
struct WebexRequest: Sendable {
    private let language: String
    /// Fields 1 to 5 of `VoiceVARequest` as on the wire.
    private let head: [UInt8]
    /// An audio message of the usual length up to the audio, which is the same fifty times a second.
    private let frameHead: [UInt8]
    private let frameLength: Int

    /// - Parameter frameLength: bytes of audio in a message as a rule.
    init(_ options: WebexCallOptions, frameLength: Int) {
        language = options.language
        var request = WebexVoiceVARequest()
        request.conversationID = options.conversation
        request.customerOrgID = options.organization
        request.virtualAgentID = options.virtualAgent
        request.allowPartialResponses = options.allowsPartialResponses
        request.vendorSpecificConfig = options.vendorConfiguration
        head = Self.encoded(request)
        self.frameLength = frameLength
        var buffer = ByteBuffer()
        Self.writeAudioHead(head, frameLength, into: &buffer)
        frameHead = Array(buffer.readableBytesView)
    }

    private static func encoded(_ request: WebexVoiceVARequest) -> [UInt8] {
        do {
            return try request.serializedBytes()
        } catch {
            preconditionFailure("A message without required fields can be encoded: \(error)")
        }
    }

    private func write(_ body: WebexVoiceVARequest, into buffer: inout ByteBuffer) {
        // Protocol Buffers: messages behind one another are one message.
        buffer.writeBytes(head)
        buffer.writeBytes(Self.encoded(body))
    }

    /// How the audio of an RPC is encoded, without audio.
    func writeFormat(into buffer: inout ByteBuffer) {
        var body = WebexVoiceVARequest()
        body.audioInput.encoding = .mulawFormat
        body.audioInput.sampleRateHertz = 8000
        body.audioInput.languageCode = language
        write(body, into: &buffer)
    }

    func write(
        _ event: WebexEventInput.EventType, name: String = "", values: [String: String] = [:],
        into buffer: inout ByteBuffer
    ) {
        var body = WebexVoiceVARequest()
        body.eventInput.eventType = event
        body.eventInput.name = name
        if !values.isEmpty {
            body.eventInput.parameters.fields = values.mapValues { value in
                Google_Protobuf_Value(stringValue: value)
            }
        }
        write(body, into: &buffer)
    }

    func write(digits: [WebexDTMFDigits], into buffer: inout ByteBuffer) {
        var body = WebexVoiceVARequest()
        body.dtmfInput.dtmfEvents = digits
        write(body, into: &buffer)
    }

    /// Everything of an audio message up to the audio itself, which is to follow: `audio_input`
    /// (field 6) with `caller_audio` (field 1) of `count` bytes.
    func writeAudioHead(_ count: Int, into buffer: inout ByteBuffer) {
        guard count != frameLength else {
            return buffer.append(frameHead.span)
        }
        Self.writeAudioHead(head, count, into: &buffer)
    }

    private static func writeAudioHead(
        _ head: [UInt8], _ count: Int, into buffer: inout ByteBuffer
    ) {
        buffer.writeBytes(head)
        buffer.writeInteger(UInt8(6 << 3 | 2))
        writeVarint(1 + varintLength(count) + count, into: &buffer)
        buffer.writeInteger(UInt8(1 << 3 | 2))
        writeVarint(count, into: &buffer)
    }

    private static func varintLength(_ value: Int) -> Int {
        max(1, (Int.bitWidth - value.leadingZeroBitCount + 6) / 7)
    }

    private static func writeVarint(_ value: Int, into buffer: inout ByteBuffer) {
        var rest = value
        while rest > 0x7F {
            buffer.writeInteger(UInt8(rest & 0x7F | 0x80))
            rest >>= 7
        }
        buffer.writeInteger(UInt8(rest))
    }
}

extension WebexDTMFDigits {
    /// The number of a key is its place in the enumeration: zero comes after nine.
    package init?(key: Character) {
        guard let place = Self.keys.firstIndex(of: key) else { return nil }
        self.init(rawValue: place + 1)
    }

    private static let keys = Array("1234567890ABCD*#")

    var key: Character? {
        Self.keys.indices.contains(rawValue - 1) ? Self.keys[rawValue - 1] : nil
    }
}
