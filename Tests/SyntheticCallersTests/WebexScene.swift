// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import NIOCore
import SwiftProtobuf
import SyntheticCallers
import Testing
import WebexMessages

/// A Webex call on a virtual clock with a server whose every response the test writes.
struct WebexScene {
    struct RPC {
        struct Request {
            let at: MediaDuration
            let message: WebexVoiceVARequest
            var audio: Data { message.audioInput.callerAudio }
        }

        let openedAt: MediaDuration
        var requests: [Request] = []
        var halfClosedAt: MediaDuration?
        var isCancelled = false

        var event: WebexEventInput.EventType? {
            requests.last { $0.message.eventInput.eventType != .unspecifiedInput }?
                .message.eventInput.eventType
        }
        var digits: [WebexDTMFDigits] { requests.last?.message.dtmfInput.dtmfEvents ?? [] }
        /// Frames of full length.
        var frames: [Request] { requests.filter { $0.audio.count == 160 } }
        var isVoice: Bool { requests.first?.message.audioInput.encoding == .mulawFormat }
    }

    let options: WebexCallOptions
    var platform: WebexPlatform
    var clock = VirtualClock(now: MediaInstant(nanoseconds: 5_000_000_000))
    let begin: MediaInstant
    var rpcs: [RPC] = []
    var isFinished = false
    /// Completes what needs no answer: START_OF_DTMF, SESSION_END, and voice RPCs that the caller's
    /// side gave up.
    var isPolite = true
    private var isCarryingOut = false

    init(
        _ options: WebexCallOptions = WebexCallOptions(seed: 7),
        script: CallerScript = CallerScript(steps: []), connects: Bool = true
    ) {
        self.options = options
        platform = WebexPlatform(options: options, script: script, keepsAudio: true)
        begin = clock.now
        platform.start(at: clock.now)
        carryOut()
        if connects {
            platform.connected(at: clock.now)
            carryOut()
        }
    }

    var elapsed: MediaDuration { clock.now - begin }
    var report: CallReport {
        var copy = platform
        return copy.takeReport(at: clock.now)
    }
    var rules: [Violation.Rule] { report.violations.map(\.rule) }
    /// The last RPC that carries audio.
    var voice: Int? { rpcs.lastIndex { $0.isVoice } }

    private mutating func carryOut() {
        guard !isCarryingOut else { return }
        isCarryingOut = true
        defer { isCarryingOut = false }
        while true {
            var outputs = WebexOutputs()
            platform.takeOutputs(into: &outputs)
            guard !outputs.isEmpty else { return }
            for output in outputs.items { carryOut(output, outputs.octets) }
        }
    }

    private mutating func carryOut(_ output: WebexOutput, _ octets: ByteBuffer) {
        switch output {
        case .connect: break
        case .open(let number):
            #expect(number == rpcs.count)
            rpcs.append(RPC(openedAt: elapsed))
        case .send(let range, let number):
            let bytes = Array(octets.readableBytesView[range])
            guard let message = try? WebexVoiceVARequest(serializedBytes: bytes) else {
                Issue.record("The platform sent something that is no VoiceVARequest")
                return
            }
            #expect(message.conversationID == options.conversation)
            #expect(message.customerOrgID == options.organization)
            #expect(rpcs[number].halfClosedAt == nil, "a message after half-close")
            rpcs[number].requests.append(.init(at: elapsed, message: message))
        case .halfClose(let number):
            #expect(rpcs[number].halfClosedAt == nil, "half-closed twice")
            rpcs[number].halfClosedAt = elapsed
            let event = rpcs[number].event
            if isPolite, event == .startOfDtmf || event == .sessionEnd {
                platform.ended(number, status: nil, at: clock.now)
            }
        case .cancel(let number): rpcs[number].isCancelled = true
        case .finished: isFinished = true
        }
    }

    mutating func say(_ response: WebexVoiceVAResponse, on number: Int) throws {
        platform.received(try response.serializedBytes(), on: number, at: clock.now)
        carryOut()
    }

    mutating func sayRaw(_ bytes: [UInt8], on number: Int) {
        platform.received(bytes, on: number, at: clock.now)
        carryOut()
    }

    /// The server completes an RPC.
    mutating func complete(_ number: Int, status: String? = nil, isRefusal: Bool = false) {
        platform.ended(number, status: status, isRefusal: isRefusal, at: clock.now)
        carryOut()
    }

    mutating func hangUp() {
        platform.hangUp(at: clock.now)
        carryOut()
    }

    /// Says one FINAL and completes the RPC.
    mutating func answer(_ response: WebexVoiceVAResponse, on number: Int) throws {
        try say(response, on: number)
        complete(number)
    }

    /// The welcome: a WAV of so many samples, and the RPC is completed.
    mutating func welcome(
        _ samples: Int = 800, bargeIn: Bool = false, input: WebexVoiceVAResponse = .input()
    ) throws {
        var response = WebexVoiceVAResponse.wav(samples, bargeIn: bargeIn)
        response.inputMode = input.inputMode
        response.inputHandlingConfig = input.inputHandlingConfig
        try answer(response, on: 0)
    }

    /// Lets time pass, stopping wherever the platform has something to do.
    mutating func run(milliseconds: Int64) {
        let end = clock.now + .milliseconds(milliseconds)
        while let deadline = platform.deadline, deadline <= end {
            clock.advance(by: max(deadline - clock.now, .zero))
            platform.advance(to: clock.now)
            carryOut()
        }
        clock.advance(by: end - clock.now)
    }
}

extension WebexScene {
    /// A call after its welcome, with an audio RPC (number 1) open.
    static func listening(bargeIn: Bool = false) throws -> WebexScene {
        var scene = WebexScene()
        try scene.welcome(800, bargeIn: bargeIn)
        scene.run(milliseconds: 200)
        return scene
    }

    /// The same, after speech: RPC 1 is to be answered.
    static func asked() throws -> WebexScene {
        var scene = try listening()
        try scene.say(.event(.startOfInput), on: 1)
        scene.run(milliseconds: 100)
        try scene.say(.event(.endOfInput), on: 1)
        return scene
    }
}

extension WebexScene: CustomTestStringConvertible {
    var testDescription: String { "\(rpcs.count) RPCs: \(rules)" }
}

extension WebexVoiceVAResponse {
    static func wav(
        _ samples: Int, bargeIn: Bool = false, event: WebexOutputEvent.EventType? = nil
    ) -> WebexVoiceVAResponse {
        var prompt = WebexPrompt()
        let clip = AudioClip(
            rate: .hz8000,
            samples: MuLaw.decode(Array(TestVoices.botAudio(samples).readableBytesView)))
        prompt.audioContent = Data(WAVFile(channels: [clip]).encode())
        prompt.isBargeInEnabled = bargeIn
        var response = input()
        response.prompts = [prompt]
        if let event { response.outputEvents = [.of(event)] }
        return response
    }

    static func chunk(_ samples: Int, bargeIn: Bool = false) -> WebexVoiceVAResponse {
        var prompt = WebexPrompt()
        prompt.audioContent = Data(TestVoices.botAudio(samples).readableBytesView)
        prompt.isBargeInEnabled = bargeIn
        var response = input()
        response.responseType = .chunk
        response.prompts = [prompt]
        return response
    }

    /// Nothing but a mode and a configuration.
    static func input(
        _ mode: WebexVoiceVAInputMode = .inputVoiceDtmf, length: Int32 = 0,
        terminator: WebexDTMFDigits = .dtmfEventUnspecified, interDigit: Int32 = 2000,
        noInput: Int32 = 0
    ) -> WebexVoiceVAResponse {
        var response = WebexVoiceVAResponse()
        response.inputMode = mode
        response.inputHandlingConfig.dtmfConfig.dtmfInputLength = length
        response.inputHandlingConfig.dtmfConfig.termchar = terminator
        response.inputHandlingConfig.dtmfConfig.interDigitTimeoutMsec = interDigit
        response.inputHandlingConfig.speechTimers.noInputTimeoutMsec = noInput
        return response
    }

    /// A FINAL without anything.
    static let empty = WebexVoiceVAResponse()

    static func event(_ type: WebexOutputEvent.EventType) -> WebexVoiceVAResponse {
        var response = WebexVoiceVAResponse()
        response.outputEvents = [.of(type)]
        return response
    }
}

extension WebexOutputEvent {
    static func of(_ type: EventType) -> WebexOutputEvent {
        var event = WebexOutputEvent()
        event.eventType = type
        return event
    }
}
