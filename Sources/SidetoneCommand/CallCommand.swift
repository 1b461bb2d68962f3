// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import AudioCore
internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import SyntheticCallers
internal import WebSocketTransport

struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Place one synthetic call and report what was said, heard and measured.",
        subcommands: [
            GenesysCallCommand.self, CXoneCallCommand.self, WebexCallCommand.self,
        ])
}

/// What every synthetic call is told.
struct CallArguments: ParsableArguments {
    @Option(
        name: .long,
        help:
            "Where the server listens: ws:// or wss:// with its path, grpc:// or grpcs:// without.")
    var url: String

    @Option(
        name: .long, parsing: .singleValue,
        help: "A WAV file that the caller says as one turn. Repeat it for more turns.")
    var audio: [String]

    @Option(name: .long, help: "Quiet after the bot before the caller speaks, in milliseconds.")
    var pause: Int = 1000

    @Option(
        name: .long,
        help: "Speak the second file so many milliseconds into the bot's answer: an interruption.")
    var interrupt: Int?

    @Option(
        name: .long,
        help: "The line returns what the caller hears, so many decibels quieter: an echo.")
    var echo: Double?

    @Option(name: .long, help: "How late the echo is, in milliseconds.")
    var echoDelay: Int = 120

    @Option(name: .long, help: "Keys the caller presses after the last file.")
    var dial: String?

    @Option(name: .long, help: "Hang up so many milliseconds into the call, whatever happens.")
    var hangUp: Int?

    @Option(name: .long, help: "Write the call as WAV: caller left, bot right.")
    var recording: String?

    @Option(name: .long, help: "Place so many calls at once and print their summary.")
    var calls = 1

    @Flag(name: .long, help: "Print the report as JSON instead of the timeline.")
    var json = false

    @Flag(name: .long, help: "Accept any certificate: for test servers only.")
    var insecure = false

    func script() throws -> CallerScript {
        var steps: [CallerScript.Step] = []
        for (index, path) in audio.enumerated() {
            let clip = try Self.clip(at: path)
            let trigger: CallerScript.Trigger =
                if index == 1, let interrupt {
                    .intoBot(.milliseconds(Int64(interrupt)))
                } else {
                    .afterBot(quiet: .milliseconds(Int64(pause)))
                }
            steps.append(.init(trigger, .speak(clip)))
        }
        if let dial {
            steps.append(.init(.afterBot(quiet: .milliseconds(Int64(pause))), .dial(dial)))
        }
        steps.append(.init(.afterBot(quiet: .milliseconds(Int64(pause))), .hangUp))
        var script = CallerScript(steps: steps, noise: Self.line)
        script.echo = echo.map {
            EchoPath(returnLoss: $0, delay: .milliseconds(Int64(echoDelay)))
        }
        if let hangUp { script.longest = .milliseconds(Int64(hangUp)) }
        return script
    }

    /// The background of the caller's line, under what they say as well.
    private static let line = ComfortNoise(level: -65, seed: 1)

    private static func clip(at path: String) throws -> CallerClip {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CleanFailure("\(path) cannot be read")
        }
        let name = URL(filePath: path).deletingPathExtension().lastPathComponent
        do {
            return try CallerClip(name: name, wav: [UInt8](data), noise: line)
        } catch {
            throw CleanFailure("\(path): \(error)")
        }
    }

    func validate() throws {
        guard (1...10_000).contains(calls) else {
            throw ValidationError("--calls takes 1 to 10000")
        }
        guard calls == 1 || recording == nil else {
            throw ValidationError("--recording is for a single call")
        }
        guard (0...60).contains(echo ?? 0), (0...2000).contains(echoDelay) else {
            throw ValidationError("--echo takes 0 to 60 dB, --echo-delay 0 to 2000 ms")
        }
        guard hangUp ?? 1 > 0 else { throw ValidationError("--hang-up takes 1 or more") }
    }

    /// Places calls over WebSockets.
    /// - Parameter platform: the platform of the call with a seed of its own.
    func placeOverWebSockets(
        _ platform: (UInt64) -> SyntheticCall.Platform
    ) async throws {
        let target: WebSocketURL
        do {
            target = try WebSocketURL(url)
        } catch {
            throw CleanFailure("\(url): \(error)")
        }
        let tls = insecure ? try ClientTLS(trust: .anyone) : nil
        try await place { seed, script, isRecorded in
            SyntheticCall(
                platform(seed), to: target, tls: tls, script: script, isRecorded: isRecorded)
        }
    }

    /// Places the calls, shows them and ends with failure when the platform's rules were broken.
    /// - Parameter call: makes a call of its seed, what the caller does, and whether it is recorded.
    func place(_ call: (UInt64, CallerScript, Bool) -> SyntheticCall) async throws {
        let script = try script()
        let first = UInt64.random(in: 1...UInt64.max / 2)
        let all = (0..<calls).map { call(first + UInt64($0), script, calls == 1) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: calls == 1 ? 1 : 2)
        let generator = CallGenerator(group: group)
        let isOrderly =
            calls == 1
            ? try await placeOne(all[0], generator) : try await placeMany(all, generator)
        try await group.shutdownGracefully()
        guard isOrderly else { throw ExitCode.failure }
    }

    private func placeOne(_ call: SyntheticCall, _ generator: CallGenerator) async throws -> Bool {
        let isLive = !json
        let result = await generator.run(call) { event in
            if isLive { print(event.line) }
        }
        if let recording {
            let bytes = result.recording.wav.encode()
            guard FileManager.default.createFile(atPath: recording, contents: Data(bytes)) else {
                throw CleanFailure("\(recording) cannot be written")
            }
        }
        try show(result.report)
        return CallSummary([result]).isOrderly
    }

    /// Calls begin spread over one second, so that their packets do not all fall on one instant.
    private func placeMany(
        _ calls: [SyntheticCall], _ generator: CallGenerator
    ) async throws -> Bool {
        let results = await withTaskGroup(of: CallResult.self) { tasks in
            for (index, call) in calls.enumerated() {
                tasks.addTask {
                    try? await Task.sleep(for: .seconds(1) * index / calls.count)
                    return await generator.run(call)
                }
            }
            note("placing \(calls.count) calls")
            var results: [CallResult] = []
            for await result in tasks {
                results.append(result)
                if results.count % max(1, calls.count / 10) == 0 {
                    note("\(results.count) of \(calls.count) calls are over")
                }
            }
            return results
        }
        let summary = CallSummary(results)
        for line in summary.lines { print(line) }
        return summary.isOrderly
    }

    /// Progress goes to standard error: standard output is the result.
    private func note(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }

    private func show(_ report: CallReport) throws {
        guard json else {
            // The timeline was printed as it happened.
            for line in report.lines.dropFirst(report.timeline.count) { print(line) }
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(report), as: UTF8.self))
    }
}

struct GenesysCallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "genesys", abstract: "Call as Genesys does: Audio Connector or Monitor.")

    @OptionGroup var arguments: CallArguments

    @Flag(name: .long, help: "A Monitor session: audio goes to the server only.")
    var monitor = false

    @Option(name: .long, help: "The integration's API key.")
    var apiKey: String?

    @Option(name: .long, help: "Name of the environment variable that holds its client secret.")
    var secretVariable: String?

    func run() async throws {
        var credentials: GenesysCallOptions.Credentials?
        if let apiKey {
            let secret = secretVariable.flatMap { ProcessInfo.processInfo.environment[$0] }
            do {
                credentials = try .init(key: apiKey, secret: secret)
            } catch {
                throw CleanFailure("the client secret is not base64")
            }
        }
        try await arguments.placeOverWebSockets { seed in
            var call = GenesysCallOptions(product: monitor ? .monitor : .connector, seed: seed)
            call.credentials = credentials
            return .genesys(call)
        }
    }
}

struct CXoneCallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cxone",
        abstract: "Call as NICE CXone does: audio to the server only, so there is no echo.")

    @OptionGroup var arguments: CallArguments

    @Option(name: .long, help: "Name of the environment variable that holds the token.")
    var tokenVariable: String?

    func run() async throws {
        let token = tokenVariable.flatMap { ProcessInfo.processInfo.environment[$0] }
        try await arguments.placeOverWebSockets { seed in
            var call = CXoneCallOptions(seed: seed)
            call.token = token
            return .cxone(call)
        }
    }
}
