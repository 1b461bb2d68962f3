// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import MediaServer
import SwiftProtobuf
import WebexMessages

@testable import WebexContactCenter

/// A conversation, and what must hold whatever it is told.
private struct Call {
    var conversation: WebexConversation
    var clock = VirtualClock()
    var actions: [WebexAction] = []
    /// RPCs by the digit that a step names; the newest of each.
    var named: [Character: WebexRPCID] = [:]
    var open: Set<WebexRPCID> = []
    var opened: UInt64 = 0
    var starts = 0
    var ends = 0

    init(_ mode: WebexAnswerMode) {
        conversation = WebexConversation(
            conversationID: "c", organizationID: "o", mode: mode, at: clock.now)
    }

    mutating func take() {
        conversation.takeActions(into: &actions)
        for action in actions {
            switch action {
            case .respond(let rpc, _), .chunk(let rpc, _):
                precondition(open.contains(rpc), "a response on an RPC that is not open")
            case .finish(let rpc, _):
                precondition(open.remove(rpc) != nil, "an RPC completed twice")
            case .start: starts += 1
            case .end: ends += 1
            default: break
            }
        }
        precondition(starts <= 1 && ends <= starts, "\(starts) starts, \(ends) ends")
    }

    mutating func receive(_ request: WebexVoiceVARequest, on rpc: WebexRPCID) {
        conversation.receive(request, on: rpc, at: clock.now)
        guard case .audioInput(let input)? = request.voiceVaInputType else { return }
        _ = conversation.receiveAudio(
            on: rpc, encoding: Int32(truncatingIfNeeded: input.encoding.rawValue),
            sampleRate: input.sampleRateHertz, byteCount: input.callerAudio.count, at: clock.now)
    }

    mutating func play(_ byteCount: Int64, allowsBargeIn: Bool) {
        let audio = [UInt8](repeating: 0xFF, count: Int(byteCount))
        conversation.play(
            audio.span, allowsBargeIn: allowsBargeIn, response: ResponseID(number: 1),
            at: clock.now)
    }

    mutating func perform(_ step: FuzzSteps.Step) {
        let now = clock.now
        let name = step.argument.first ?? "0"
        let rest = String(step.argument.dropFirst())
        let rpc = named[name] ?? WebexRPCID(number: 0)
        switch step.name {
        case "o":
            opened += 1
            let id = WebexRPCID(number: opened)
            named[name] = id
            open.insert(id)
            conversation.open(id, at: now)
        case "q":
            if let request = try? WebexVoiceVARequest(jsonString: rest) {
                checkReader(request)
                receive(request, on: rpc)
            } else {
                conversation.receiveMalformed(on: rpc, at: now)
            }
        case "h": conversation.halfClosed(rpc, at: now)
        case "c":
            open.remove(rpc)
            conversation.cancelled(rpc, at: now)
        case "s": conversation.speechStarted(botIsAudible: false, at: now)
        case "S": conversation.speechStarted(botIsAudible: true, at: now)
        case "b": conversation.bargedIn(at: now)
        case "t": conversation.turnEnded(at: now)
        case "p": play(step.number(upTo: 200_000), allowsBargeIn: true)
        case "P": play(step.number(upTo: 200_000), allowsBargeIn: false)
        case "k": conversation.clear(at: now)
        case "l": conversation.listen(for: InputExpectation(), at: now)
        case "e": conversation.send(CustomEvent(name: step.argument), at: now)
        case "n": conversation.report(.noMatch)
        case "d": conversation.end(CallEnding(.completed, summary: step.argument), at: now)
        case "w":
            clock.advance(by: .milliseconds(step.number(upTo: 1 << 32)))
            conversation.advance(to: clock.now)
        case "x": checkReader(hexadecimal(step.argument))
        default: break
        }
        take()
    }

    /// A client that sends no more half-closes, and time passes.
    mutating func finish() {
        for number in 0..<opened {
            conversation.halfClosed(WebexRPCID(number: number + 1), at: clock.now)
        }
        take()
        for _ in 0..<2 {
            clock.advance(by: .seconds(1000))
            conversation.advance(to: clock.now)
            take()
        }
        precondition(open.isEmpty, "an RPC that was never completed")
        precondition(ends == starts, "a call that never ended")
    }
}

private func hexadecimal(_ text: String) -> [UInt8] {
    let digits = text.compactMap { $0.hexDigitValue.map(UInt8.init) }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

private func checkReader(_ request: WebexVoiceVARequest) {
    if let octets: [UInt8] = try? request.serializedBytes() { checkReader(octets) }
}

/// What is read in place is what the generated code reads.
private func checkReader(_ octets: [UInt8]) {
    guard let read = WebexAudioRequest(octets.span) else { return }
    guard let decoded = try? WebexVoiceVARequest(serializedBytes: octets),
        case .audioInput(let input)? = decoded.voiceVaInputType
    else { preconditionFailure("read what the generated code does not") }
    func text(_ range: Range<Int>) -> String { String(decoding: octets[range], as: UTF8.self) }
    precondition(text(read.conversationID) == decoded.conversationID)
    precondition(text(read.organizationID) == decoded.customerOrgID)
    precondition(text(read.virtualAgentID) == decoded.virtualAgentID)
    precondition(Array(octets[read.audio]) == Array(input.callerAudio))
    precondition(Int(read.encoding) == input.encoding.rawValue)
    precondition(read.sampleRate == input.sampleRateHertz)
}

/// `W` or anything else first: answers as WAV files or in chunks. Then steps.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ base: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = octets(base, count)
    var call = Call(input.first == UInt8(ascii: "W") ? .wav : .chunk)
    for step in FuzzSteps(Array(input.dropFirst())) { call.perform(step) }
    call.finish()
    return 0
}
