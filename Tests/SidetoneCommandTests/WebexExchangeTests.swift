// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Bots
import Foundation
import NIOCore
import NIOPosix
import Operations
import SwiftProtobuf
import SyntheticCallers
import Testing
import WebexMessages

/// A whole call of Webex, message by message: the scripted bot greets, listens, answers in chunks,
/// is interrupted, collects four digits and transfers with a summary.
@Suite struct WebexExchangeTests {
    private static let script = """
        start: welcome
        no_input: {after_ms: 8000, say: prompts/no-input.wav, attempts: 1, then: done}
        steps:
          welcome:
            say: {file: prompts/greeting.wav, barge_in: false}
            listen:
              - then: answer
          answer:
            say: prompts/opening-hours.wav
            listen:
              - then: account
          account:
            sensitive: true
            say: prompts/enter-number.wav
            collect:
              into: account
              most_digits: 4
              terminator: "#"
              between_digits_ms: 3000
              then: done
          done:
            say: {file: prompts/transfer.wav, barge_in: false}
            transfer:
              to: agents
              variables: {outcome: transferred}
              summary: "Account {account} asked for a person."
        """

    @Test func aWholeCall() async throws {
        try await withServer(
            script: Self.script, settings: ["webex.port=0"]
        ) { server in
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let port = try #require(server.grpcPort)
            let client = try await WebexClient(port: port, group: group)
            try await greet(client)
            try await answer(client)
            try await client.close()
            try await group.shutdownGracefully()
        }
    }

    /// The bot's audio of some responses, which must be chunks with nothing but one prompt each.
    private func audio(
        of chunks: some Collection<WebexVoiceVAResponse>, allowsBargeIn: Bool
    ) -> Int {
        var count = 0
        for chunk in chunks {
            #expect(chunk.responseType == .chunk)
            #expect(chunk.prompts.count == 1)
            #expect(chunk.outputEvents.isEmpty)
            for prompt in chunk.prompts {
                #expect((100...65_536).contains(prompt.audioContent.count))
                #expect(prompt.isBargeInEnabled == allowsBargeIn)
                #expect(prompt.text.isEmpty)
                count += prompt.audioContent.count
            }
        }
        return count
    }

    private func prompt(_ name: String) throws -> Int {
        let url = Script.defaultURL.deletingLastPathComponent().appending(
            path: "prompts/\(name).wav")
        return try WAVFile.parse([UInt8](Data(contentsOf: url))).clip(channel: 0).samples.count
    }

    private func greet(_ client: WebexClient) async throws {
        let rpc = try await client.open()
        try await rpc.send { $0.eventInput.eventType = .sessionStart }
        try await rpc.halfClose()
        let responses = try await rpc.rest()
        let last = try #require(responses.last)
        let greeting = audio(of: responses.dropLast(), allowsBargeIn: false)
        #expect(abs(greeting - (try prompt("greeting"))) < 200)
        #expect(last.responseType == .final)
        #expect(last.prompts.isEmpty)
        #expect(last.inputMode == .inputVoiceDtmf)
        #expect(last.hasInputHandlingConfig)
        #expect(last.inputHandlingConfig.speechTimers.noInputTimeoutMsec == 8000)
        // The platform plays it, and opens the next RPC when that is over.
        try await Task.sleep(for: .milliseconds(greeting / 8))
    }

    private func answer(_ client: WebexClient) async throws {
        // The caller asks.
        let asking = try await client.open()
        try await asking.send {
            $0.audioInput.encoding = .mulawFormat
            $0.audioInput.sampleRateHertz = 8000
            $0.audioInput.languageCode = "en-US"
        }
        try await asking.stayQuiet(300)
        try await asking.speak(try Voice.clip("conf-onlyperson"))
        try await asking.stayQuiet(600)
        let start = try #require(try await asking.response())
        expectEvent(.startOfInput, in: start, type: .final)
        let end = try #require(try await asking.response())
        expectEvent(.endOfInput, in: end, type: .chunk)
        try await asking.halfClose()
        // The answer may be interrupted, so the next RPC is open beside this one.
        let interrupting = try await client.open()
        try await interrupting.send { $0.audioInput.encoding = .mulawFormat }
        let hours = try await asking.rest()
        let length = audio(of: hours.dropLast(), allowsBargeIn: true)
        #expect(abs(length - (try prompt("opening-hours"))) < 200)
        #expect(hours.last?.responseType == .final)
        #expect(hours.last?.prompts.isEmpty == true)

        // One second into it the caller speaks.
        try await interrupting.stayQuiet(1000)
        try await interrupting.speak(try Voice.clip("vm-goodbye"))
        let interruption = try #require(try await interrupting.response())
        expectEvent(.startOfInput, in: interruption, type: .final)
        try await interrupting.stayQuiet(600)
        let turn = try #require(try await interrupting.response())
        expectEvent(.endOfInput, in: turn, type: .chunk)
        try await interrupting.halfClose()
        let question = try await interrupting.rest()
        _ = audio(of: question.dropLast(), allowsBargeIn: true)
        let asked = try #require(question.last)
        #expect(asked.inputSensitive)
        #expect(asked.inputMode == .inputEventDtmf)
        #expect(asked.inputHandlingConfig.dtmfConfig.dtmfInputLength == 4)
        #expect(asked.inputHandlingConfig.dtmfConfig.termchar.rawValue == 16)
        #expect(asked.inputHandlingConfig.dtmfConfig.interDigitTimeoutMsec == 3000)

        // Keys: the first cuts the prompt, the platform gathers the rest.
        let key = try await client.open()
        try await key.send { $0.eventInput.eventType = .startOfDtmf }
        try await key.halfClose()
        #expect(try await key.rest().isEmpty)
        let keys = try await client.open()
        try await keys.send {
            // Zero is element 10.
            $0.dtmfInput.dtmfEvents = [4, 2, 10, 7].compactMap(WebexDTMFDigits.init(rawValue:))
        }
        try await keys.halfClose()
        let transfer = try await keys.rest()
        let last = try #require(transfer.last)
        let announced = audio(of: transfer.dropLast(), allowsBargeIn: false)
        #expect(abs(announced - (try prompt("transfer"))) < 200)
        #expect(last.responseType == .final)
        #expect(last.prompts.isEmpty)
        #expect(last.outputEvents.map(\.eventType) == [.transferToAgent])
        #expect(last.outputEvents.first?.name == "agents")
        #expect(
            last.outputEvents.first?.metadata.fields["outcome"]?.stringValue == "transferred")
        #expect(last.sessionSummary.text == "Account 4207 asked for a person.")
        for response in transfer.dropLast() { #expect(!response.hasSessionSummary) }

        // What comes afterwards is completed and comes to nothing.
        let late = try await client.open()
        try await late.send { $0.eventInput.eventType = .sessionEnd }
        try await late.halfClose()
        let farewell = try await late.rest()
        #expect(farewell.count == 1)
        #expect(farewell.first?.prompts.isEmpty == true)
        #expect(farewell.first?.responseType == .final)
    }

    private func expectEvent(
        _ event: WebexOutputEvent.EventType, in response: WebexVoiceVAResponse,
        type: WebexVoiceVAResponse.ResponseType
    ) {
        #expect(response.outputEvents.map(\.eventType) == [event])
        #expect(response.prompts.isEmpty)
        #expect(response.responseType == type)
    }
}
