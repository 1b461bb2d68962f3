// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import Foundation
import NIOCore
import SyntheticCallers
import Testing
import WebexMessages

/// Each rule about prompts broken once, by a server that is right in all else.
@Suite struct WebexPromptViolationTests {
    @Test func modeSwitchedFromWAVToChunk() throws {
        var scene = try WebexScene.asked()
        try scene.say(.chunk(800), on: 1)
        try scene.answer(.empty, on: 1)
        #expect(scene.rules == [.modeSwitched])
    }

    @Test func modeSwitchedFromChunkToWAV() throws {
        var scene = WebexScene()
        try scene.say(.chunk(800), on: 0)
        try scene.answer(.empty, on: 0)
        scene.run(milliseconds: 200)
        try scene.say(.event(.startOfInput), on: 1)
        try scene.say(.event(.endOfInput), on: 1)
        try scene.answer(.wav(800), on: 1)
        #expect(scene.rules == [.modeSwitched])
    }

    @Test func wavHeader() throws {
        var scene = WebexScene()
        var response = WebexVoiceVAResponse.wav(800)
        response.prompts[0].audioContent = Data(TestVoices.botAudio(800).readableBytesView)
        try scene.answer(response, on: 0)
        #expect(scene.rules == [.wavHeader])
        #expect(scene.report.responses.isEmpty)
    }

    @Test func headerInChunk() throws {
        var scene = WebexScene()
        var response = WebexVoiceVAResponse.wav(800)
        response.responseType = .chunk
        try scene.say(response, on: 0)
        try scene.answer(.empty, on: 0)
        #expect(scene.rules == [.headerInChunk])
    }

    @Test(arguments: [99, 65_537])
    func chunkSize(_ bytes: Int) throws {
        var scene = WebexScene()
        try scene.say(.chunk(bytes), on: 0)
        try scene.answer(.empty, on: 0)
        #expect(scene.rules == [.chunkSize])
    }

    @Test(arguments: [100, 65_536])
    func chunkSizeAtTheLimits(_ bytes: Int) throws {
        var scene = WebexScene()
        try scene.say(.chunk(bytes), on: 0)
        try scene.answer(.empty, on: 0)
        #expect(scene.rules == [])
    }

    @Test func textInChunk() throws {
        var scene = WebexScene()
        var response = WebexVoiceVAResponse.chunk(800)
        response.prompts[0].text = "hello"
        try scene.say(response, on: 0)
        try scene.answer(.empty, on: 0)
        #expect(scene.rules == [.textInChunk])
    }

    @Test func finalWithAudio() throws {
        var scene = WebexScene()
        try scene.say(.chunk(800), on: 0)
        try scene.answer(.wav(800), on: 0)
        #expect(scene.rules == [.finalWithAudio])
    }

    @Test func promptOnSessionEnd() throws {
        var scene = try WebexScene.listening()
        scene.isPolite = false
        scene.hangUp()
        scene.complete(1)
        try scene.answer(.wav(800), on: 2)
        #expect(scene.rules == [.promptOnSessionEnd])
        #expect(scene.isFinished)
    }
}
