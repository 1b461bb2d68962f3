// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaEngine
import MediaServer
import SwiftProtobuf
import Testing
import WebexMessages

@testable import WebexContactCenter

/// A conversation on a virtual clock. What it does is written down as lines: a number is an RPC.
struct WebexScene {
    var clock = VirtualClock()
    var conversation: WebexConversation
    /// Every action so far.
    var log: [String] = []
    private var batch: [WebexAction] = []
    /// What of the log `take` has returned.
    private var taken = 0

    init(
        _ mode: WebexAnswerMode = .chunk, agents: [WebexVirtualAgent] = WebexScene.agents,
        conversation: String = "c-77", organization: String = "o-1"
    ) {
        self.conversation = WebexConversation(
            conversationID: conversation, organizationID: organization,
            agents: WebexVirtualAgents(agents), mode: mode, at: clock.now)
    }

    static let agents = [
        WebexVirtualAgent(id: "bot-a", name: "Bot A", isDefault: true),
        WebexVirtualAgent(id: "bot-b", name: "Bot B"),
    ]

    /// A call whose welcome, which may be interrupted, is over and done with.
    static func greeted(_ mode: WebexAnswerMode = .chunk) -> WebexScene {
        var scene = WebexScene(mode)
        scene.send(.sessionStart, on: 1)
        scene.play(8000)
        scene.listen()
        scene.wait(1000)
        _ = scene.take()
        return scene
    }

    /// As `greeted`, with a turn that was just confirmed on RPC 2.
    static func asked(_ mode: WebexAnswerMode = .chunk) -> WebexScene {
        var scene = greeted(mode)
        scene.openAudio(2)
        scene.audio(2)
        scene.speak()
        scene.endTurn()
        _ = scene.take()
        return scene
    }

    static func id(_ number: Int) -> WebexRPCID { WebexRPCID(number: UInt64(number)) }

    static func request(
        agent: String = "", conversation: String = "c-77", organization: String = "o-1"
    ) -> WebexVoiceVARequest {
        var request = WebexVoiceVARequest()
        request.conversationID = conversation
        request.customerOrgID = organization
        request.virtualAgentID = agent
        return request
    }

    static func request(
        _ event: WebexEventInput.EventType, agent: String = ""
    ) -> WebexVoiceVARequest {
        var request = request(agent: agent)
        request.eventInput.eventType = event
        return request
    }

    static func audioRequest(
        encoding: WebexVoiceInput.VoiceEncoding = .mulawFormat, rate: Int32 = 8000
    ) -> WebexVoiceVARequest {
        var request = request()
        request.audioInput.encoding = encoding
        request.audioInput.sampleRateHertz = rate
        request.audioInput.languageCode = "en-US"
        return request
    }

    var now: MediaInstant { clock.now }

    // MARK: The client

    mutating func send(_ request: WebexVoiceVARequest, on rpc: Int, opens: Bool = true) {
        if opens { conversation.open(Self.id(rpc), at: now) }
        conversation.receive(request, on: Self.id(rpc), at: now)
        write()
    }

    mutating func send(_ event: WebexEventInput.EventType, on rpc: Int, halfCloses: Bool = true) {
        send(Self.request(event), on: rpc)
        if halfCloses { halfClose(rpc) }
    }

    /// Opens an RPC with a request that names the format and has no audio.
    mutating func openAudio(_ rpc: Int) {
        send(Self.audioRequest(), on: rpc)
        audio(rpc, bytes: 0)
    }

    @discardableResult
    mutating func audio(
        _ rpc: Int, bytes: Int = 160, encoding: Int32 = 0, rate: Int32 = 0
    ) -> WebexAudioVerdict {
        let verdict = conversation.receiveAudio(
            on: Self.id(rpc), encoding: encoding, sampleRate: rate, byteCount: bytes, at: now)
        write()
        return verdict
    }

    mutating func digits(_ numbers: [Int], on rpc: Int) {
        var request = Self.request()
        request.dtmfInput.dtmfEvents = numbers.map {
            WebexDTMFDigits(rawValue: $0) ?? .UNRECOGNIZED($0)
        }
        send(request, on: rpc)
        halfClose(rpc)
    }

    mutating func halfClose(_ rpc: Int) {
        conversation.halfClosed(Self.id(rpc), at: now)
        write()
    }

    mutating func cancel(_ rpc: Int) {
        conversation.cancelled(Self.id(rpc), at: now)
        write()
    }

    // MARK: Engine and bot

    mutating func speak(whileBotIsAudible: Bool = false) {
        conversation.speechStarted(botIsAudible: whileBotIsAudible, at: now)
        write()
    }

    mutating func bargeIn() {
        conversation.bargedIn(at: now)
        write()
    }

    mutating func endTurn() {
        conversation.turnEnded(at: now)
        write()
    }

    mutating func play(_ bytes: Int, bargeIn: Bool = true, response: UInt32 = 1) {
        let audio = [UInt8](repeating: 0x80, count: bytes)
        conversation.play(
            audio.span, allowsBargeIn: bargeIn, response: ResponseID(number: response), at: now)
        write()
    }

    mutating func listen(_ expectation: InputExpectation = InputExpectation()) {
        conversation.listen(for: expectation, at: now)
        write()
    }

    mutating func bot(_ body: (inout WebexConversation, MediaInstant) -> Void) {
        body(&conversation, now)
        write()
    }

    mutating func wait(_ milliseconds: Int64) {
        clock.advance(by: .milliseconds(milliseconds))
        conversation.advance(to: now)
        write()
    }

    /// The lines since the last time.
    mutating func take() -> [String] {
        defer { taken = log.count }
        return Array(log[taken...])
    }

    // MARK: Lines

    private mutating func write() {
        conversation.takeActions(into: &batch)
        log += batch.map(Self.line)
    }

    static func line(_ action: WebexAction) -> String {
        switch action {
        case .start(let start):
            return "start \(start.organizationID)/\(start.conversationID) "
                + (start.virtualAgentID ?? "-")
        case .respond(let rpc, let response): return "\(rpc.number) \(describe(response))"
        case .chunk(let rpc, let octets):
            guard let response = try? WebexVoiceVAResponse(serializedBytes: octets) else {
                return "\(rpc.number) malformed"
            }
            return "\(rpc.number) \(describe(response))"
        case .finish(let rpc, nil): return "\(rpc.number) OK"
        case .finish(let rpc, let violation?):
            guard case .refused(let code, _) = violation.consequence else {
                return "\(rpc.number) \(violation) is no status"
            }
            return "\(rpc.number) \(code): \(violation)"
        case .suspendIngress: return "suspend"
        case .resumeIngress: return "resume"
        case .playbackStarted: return "playback started"
        case .playbackCompleted: return "playback completed"
        case .clear: return "clear"
        case .digit(let digit): return "digit \(digit.key)"
        case .input(.digitsCompleted): return "digits completed"
        case .input(.noInput): return "no input"
        case .input(.custom(let event)):
            let values = event.values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            return "custom \(event.name) \(values)"
        case .end(let reason): return "end \(reason)"
        case .noted(let violation): return "noted \(violation)"
        }
    }

    private static let modes = ["", "VOICE", "DTMF", "VOICE_DTMF"]
    private static let types = ["FINAL", "PARTIAL", "CHUNK"]
    private static let events = [
        "UNSPECIFIED", "SESSION_END", "TRANSFER_TO_AGENT", "CUSTOM_EVENT", "START_OF_INPUT",
        "END_OF_INPUT", "NO_MATCH", "NO_INPUT",
    ]

    /// `!` marks a prompt that may be interrupted.
    private static func describe(_ response: WebexVoiceVAResponse) -> String {
        var words = [types[response.responseType.rawValue]]
        for event in response.outputEvents {
            words.append(
                events[event.eventType.rawValue] + (event.name.isEmpty ? "" : "(\(event.name))"))
            let values = event.metadata.values.sorted { $0.key < $1.key }
            words += values.map { "\($0.key)=\($0.value)" }
        }
        let prompts = response.prompts.map {
            "\($0.audioContent.count)" + ($0.isBargeInEnabled ? "!" : "")
        }
        if !prompts.isEmpty { words.append("[" + prompts.joined(separator: " ") + "]") }
        if response.hasInputHandlingConfig {
            let keys = response.inputHandlingConfig.dtmfConfig
            var input =
                "\(modes[response.inputMode.rawValue]):\(keys.dtmfInputLength)/"
                + "\(keys.interDigitTimeoutMsec)/\(keys.termchar.rawValue)"
            if response.inputHandlingConfig.hasSpeechTimers {
                input += "/\(response.inputHandlingConfig.speechTimers.noInputTimeoutMsec)"
            }
            words.append(input)
        } else if response.inputMode != .inputVoiceModeUnspecified {
            words.append("mode without handling")
        }
        if response.inputSensitive { words.append("sensitive") }
        if response.hasSessionSummary { words.append("summary=" + response.sessionSummary.text) }
        if response.hasSessionTranscript {
            words.append("transcript=" + response.sessionTranscript.text)
        }
        return words.joined(separator: " ")
    }
}
