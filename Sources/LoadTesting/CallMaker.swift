// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
public import SyntheticCallers
public import WebSocketTransport

/// Where the calls of a run go, and what they show there.
public struct LoadTargets: Sendable {
    public var webex: WebexEndpoint?
    public var cxone: WebSocketURL?
    public var genesys: WebSocketURL?
    /// For `wss`; nil trusts the system's authorities.
    public var tls: ClientTLS?
    /// `authorization` of Webex and `authenticationToken` of CXone.
    public var token: String?
    public var genesysCredentials: GenesysCallOptions.Credentials?
    /// `virtual_agent_id` of Webex; empty leaves the choice to the server.
    public var virtualAgent = ""

    public init() {}

    /// Whether calls of a platform have somewhere to go.
    public func contains(_ platform: LoadPlatform) -> Bool {
        switch platform {
        case .webex: webex != nil
        case .cxone: cxone != nil
        case .genesys: genesys != nil
        }
    }
}

/// Makes calls of what was planned: the same call for the same plan.
public struct CallMaker: Sendable {
    private let targets: LoadTargets
    private let speech: SpeechLibrary

    public init(targets: LoadTargets, speech: SpeechLibrary) {
        self.targets = targets
        self.speech = speech
    }

    /// - Precondition: there is a target for the call's platform.
    public func call(_ planned: PlannedCall) -> SyntheticCall {
        var generator = SeededGenerator(seed: planned.seed)
        let script = script(planned, using: &generator)
        var call: SyntheticCall
        switch planned.platform {
        case .webex:
            guard let endpoint = targets.webex else { preconditionFailure(Self.noTarget) }
            var options = WebexCallOptions(seed: planned.seed)
            options.token = targets.token
            options.virtualAgent = targets.virtualAgent
            call = SyntheticCall(options, to: endpoint, script: script, isRecorded: false)
        case .cxone:
            guard let url = targets.cxone else { preconditionFailure(Self.noTarget) }
            var options = CXoneCallOptions(seed: planned.seed)
            options.token = targets.token
            call = SyntheticCall(
                .cxone(options), to: url, tls: targets.tls, script: script, isRecorded: false)
        case .genesys:
            guard let url = targets.genesys else { preconditionFailure(Self.noTarget) }
            var options = GenesysCallOptions(seed: planned.seed)
            options.credentials = targets.genesysCredentials
            call = SyntheticCall(
                .genesys(options), to: url, tls: targets.tls, script: script, isRecorded: false)
        }
        call.misbehaviour = misbehaviour(planned, using: &generator)
        return call
    }

    private static let noTarget = "Calls are placed where there is a target"

    private func script(
        _ planned: PlannedCall, using generator: inout SeededGenerator
    ) -> CallerScript {
        var steps: [CallerScript.Step] = []
        func quiet() -> MediaDuration {
            .milliseconds(Int64.random(in: 600...1400, using: &generator))
        }
        func speak(_ trigger: CallerScript.Trigger) {
            guard let clip = speech.clips.randomElement(using: &generator) else { return }
            steps.append(.init(trigger, .speak(clip)))
        }
        for _ in 0..<Self.rounds {
            switch planned.behaviour {
            case .silent: break
            case .talker, .slowReader, .deadPeer: speak(.afterBot(quiet: quiet()))
            case .interrupter:
                speak(.afterBot(quiet: quiet()))
                let into = Int64.random(in: 600...1600, using: &generator)
                speak(.intoBot(.milliseconds(into)))
            case .digits:
                speak(.afterBot(quiet: quiet()))
                let digit = Int.random(in: 1...9, using: &generator)
                steps.append(.init(.afterBot(quiet: quiet()), .dial(String(digit))))
            case .hold:
                speak(.afterBot(quiet: quiet()))
                guard planned.platform != .webex else { break }
                let length = Int64.random(in: 1000...3000, using: &generator)
                steps.append(.init(.afterBot(quiet: quiet()), .hold))
                steps.append(.init(.after(.milliseconds(length)), .resume))
            }
        }
        var script = CallerScript(
            steps: steps, noise: speech.noise, patience: .seconds(8), longest: planned.length)
        script.repeats = !steps.isEmpty
        return script
    }

    /// Rounds of a script before it begins anew.
    private static let rounds = 6

    private func misbehaviour(
        _ planned: PlannedCall, using generator: inout SeededGenerator
    ) -> CallerMisbehaviour? {
        let latest = max(2.1, planned.length.seconds / 2)
        let begins = MediaDuration.seconds(Double.random(in: 2..<latest, using: &generator))
        return switch planned.behaviour {
        case .slowReader: CallerMisbehaviour(.slowReader, begins: begins, lasts: .seconds(3))
        case .deadPeer:
            CallerMisbehaviour(
                .deadPeer, begins: begins, lasts: max(.seconds(1), planned.length - begins))
        case .talker, .interrupter, .digits, .silent, .hold: nil
        }
    }
}
