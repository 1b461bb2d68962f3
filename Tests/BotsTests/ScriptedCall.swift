// Sidetone
// SPDX-License-Identifier: Apache-2.0

import AudioCore
import MediaServer

@testable import Bots

/// A call on a virtual clock: reads actions as short texts, with prompts by their names.
struct ScriptedCall {
    var runner: ScriptRunner
    var clock = VirtualClock()
    /// Utterances that the bot was given to play and that are neither heard nor dropped.
    private(set) var queued: [ScriptRunner.PlaybackID] = []
    /// The utterance that is playing, if any.
    var playing: ScriptRunner.PlaybackID? { queued.first }
    /// What the platform was told last.
    private(set) var expectation: InputExpectation?

    init(_ text: String) throws {
        runner = ScriptRunner(script: try ScriptTests.script(text))
    }

    mutating func handle(_ input: ScriptRunner.Input) -> [String] {
        if input == .bargeIn { queued = [] }
        return note(runner.handle(input, at: clock.now))
    }

    mutating func after(_ duration: MediaDuration) -> [String] {
        clock.advance(by: duration)
        return note(runner.advance(to: clock.now))
    }

    /// The utterance that plays is heard to its end.
    mutating func hear() -> [String] {
        guard let id = playing else { return ["nothing plays"] }
        queued.removeFirst()
        return handle(.promptFinished(id))
    }

    /// The caller speaks for `duration`, and the turn is confirmed to be over.
    mutating func speak(_ duration: MediaDuration) -> [String] {
        let started = handle(.speechStarted)
        clock.advance(by: duration)
        return started + handle(.turnEnded(duration: duration))
    }

    private mutating func note(_ actions: [ScriptRunner.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .play(let id, let prompt, let allowsBargeIn):
                queued.append(id)
                let name = runner.script.prompts[prompt].name
                    .replacing("prompts/", with: "").replacing(".wav", with: "")
                return allowsBargeIn ? "play \(name)" : "play \(name) to its end"
            case .stopPlaying:
                queued = []
                return "stop"
            case .send(let event, let variables):
                return "event \(event) \(Self.list(variables))"
            case .listen(let expectation):
                self.expectation = expectation
                return expectation.modes == .digits ? "listen for keys" : "listen"
            case .transfer(let destination, let outputs, let summary):
                return "transfer to \(destination) \(Self.list(outputs))\(summary ?? "")"
            case .end(let outputs, let summary):
                return "end \(Self.list(outputs))\(summary ?? "")"
            }
        }
    }

    private static func list(_ outputs: [String: String]) -> String {
        outputs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
}
