// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import NIOCore
import SyntheticCallers
import Testing

/// A Genesys call on a virtual clock with a server whose every message the test writes.
struct GenesysScene {
    struct Sent {
        let at: MediaDuration
        let message: JSONValue
        var type: String { message["type"]?.text ?? "" }
        var parameters: JSONValue { message["parameters"] ?? .null }
        var sequence: Int { message["seq"]?.integer ?? -1 }
    }

    let options: GenesysCallOptions
    var platform: GenesysPlatform
    var clock = VirtualClock(now: MediaInstant(nanoseconds: 5_000_000_000))
    let begin: MediaInstant
    var texts: [Sent] = []
    var audio: [(at: MediaDuration, bytes: [UInt8])] = []
    var closeCode: UInt16?
    var aborted = false
    var isFinished = false
    /// Answers `ping` and `close` as a good server does.
    var isPolite = true
    var serverSequence = 0
    private var isCarryingOut = false

    init(
        _ options: GenesysCallOptions = GenesysCallOptions(seed: 7),
        script: CallerScript = CallerScript(steps: []), agent: CallerScript? = nil
    ) {
        self.options = options
        platform = GenesysPlatform(
            options: options, script: script, agent: agent, keepsAudio: true)
        begin = clock.now
        platform.start(at: clock.now)
        carryOut()
        platform.connected(0, at: clock.now)
        carryOut()
    }

    var elapsed: MediaDuration { clock.now - begin }
    var rules: [Violation.Rule] { report.violations.map(\.rule) }
    var report: CallReport {
        var copy = platform
        return copy.takeReport(at: clock.now)
    }

    func texts(_ type: String) -> [Sent] { texts.filter { $0.type == type } }

    private mutating func carryOut() {
        // What an answer causes comes after what was to be done before it.
        guard !isCarryingOut else { return }
        isCarryingOut = true
        defer { isCarryingOut = false }
        while true {
            var outputs: [WebSocketOutput] = []
            platform.takeOutputs(into: &outputs)
            guard !outputs.isEmpty else { return }
            for output in outputs { carryOut(output) }
        }
    }

    private mutating func carryOut(_ output: WebSocketOutput) {
        switch output {
        case .connect: break
        case .text(let buffer, _):
            guard let message = try? JSONValue.parse(Array(buffer.readableBytesView)) else {
                Issue.record("The platform sent something that is not JSON")
                return
            }
            let sent = Sent(at: elapsed, message: message)
            texts.append(sent)
            if isPolite, sent.type == "ping" { say("pong", clientSequence: sent.sequence) }
            if isPolite, sent.type == "close" { say("closed") }
        case .binary(let buffer, _):
            audio.append((elapsed, Array(buffer.readableBytesView)))
        case .close(let code, _):
            closeCode = code
            platform.closed(0, code: code, fault: nil, at: clock.now)
        case .abort: aborted = true
        case .finished: isFinished = true
        }
    }

    /// The server sends a message; members given in `changes` replace those of a correct envelope.
    mutating func say(
        _ type: String, _ parameters: JSONValue = [:], clientSequence: Int? = nil,
        changes: [String: JSONValue?] = [:]
    ) {
        serverSequence += 1
        let last = texts.last?.sequence ?? 0
        var members: [JSONValue.Member] = [
            .init("version", "2"), .init("id", .string(options.session)),
            .init("type", .string(type)), .init("seq", .number(Double(serverSequence))),
            .init("clientseq", .number(Double(clientSequence ?? last))),
            .init("parameters", parameters),
        ]
        for (name, value) in changes {
            members.removeAll { $0.name == name }
            if let value { members.append(.init(name, value)) }
        }
        sayRaw(JSONValue.object(members).serialized)
    }

    mutating func sayRaw(_ text: String) {
        platform.received(text: ByteBuffer(string: text), on: 0, at: clock.now)
        carryOut()
    }

    mutating func send(_ audio: ByteBuffer) {
        platform.received(binary: audio, on: 0, at: clock.now)
        carryOut()
    }

    mutating func open(_ parameters: JSONValue? = nil) {
        say("opened", parameters ?? ["media": .array([Self.media(options.offers[0])])])
    }

    static func media(_ channels: GenesysCallOptions.Channels) -> JSONValue {
        let names: [JSONValue] =
            switch channels {
            case .external: ["external"]
            case .internal: ["internal"]
            case .both: ["external", "internal"]
            }
        return ["type": "audio", "format": "PCMU", "channels": .array(names), "rate": 8000]
    }

    static func event(_ type: String, _ data: JSONValue = [:]) -> JSONValue {
        ["entities": [["type": .string(type), "data": data]]]
    }

    /// Lets time pass, stopping wherever the platform has something to do.
    mutating func run(for duration: MediaDuration) {
        let end = clock.now + duration
        while let deadline = platform.deadline, deadline <= end {
            clock.advance(by: max(deadline - clock.now, .zero))
            platform.advance(to: clock.now)
            carryOut()
        }
        clock.advance(by: end - clock.now)
    }

    mutating func run(milliseconds: Int64) {
        run(for: .milliseconds(milliseconds))
    }

    /// The server plays `seconds` of speech in messages of 200 ms, half a second ahead.
    mutating func speak(milliseconds: Int64) {
        send(TestVoices.botAudio(4000))
        for _ in 0..<max(0, (milliseconds - 500) / 200) {
            run(milliseconds: 200)
            send(TestVoices.botAudio(1600))
        }
    }
}
