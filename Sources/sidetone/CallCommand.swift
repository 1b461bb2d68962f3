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
        subcommands: [GenesysCallCommand.self, CXoneCallCommand.self])
}

/// What every synthetic call is told.
struct CallArguments: ParsableArguments {
    @Option(name: .long, help: "Where the server listens: ws:// or wss:// with its path.")
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

    @Option(name: .long, help: "Keys the caller presses after the last file.")
    var dial: String?

    @Option(name: .long, help: "Write the call as WAV: caller left, bot right.")
    var recording: String?

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
        return CallerScript(steps: steps, noise: ComfortNoise(level: -65, seed: 1))
    }

    private static func clip(at path: String) throws -> CallerClip {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CleanFailure("\(path) cannot be read")
        }
        do {
            let file = try WAVFile.parse([UInt8](data))
            let clip = resampled(file.clip(channel: 0))
            let name = URL(filePath: path).deletingPathExtension().lastPathComponent
            return try CallerClip(name: name, audio: clip)
        } catch {
            throw CleanFailure("\(path): \(error)")
        }
    }

    private static func resampled(_ clip: AudioClip) -> AudioClip {
        guard clip.rate != .hz8000 else { return clip }
        var resampler = Resampler(from: clip.rate, to: .hz8000)
        var samples = [Int16](
            repeating: 0,
            count: Resampler.maximumOutputCount(
                for: clip.samples.count, from: clip.rate, to: .hz8000))
        var room = samples.mutableSpan
        let count = resampler.process(clip.samples.span, into: &room)
        return AudioClip(rate: .hz8000, samples: Array(samples[0..<count]))
    }

    /// Places the call, shows it and ends with failure when the platform's rules were broken.
    func place(_ platform: SyntheticCall.Platform) async throws {
        let target: WebSocketURL
        do {
            target = try WebSocketURL(url)
        } catch {
            throw CleanFailure("\(url): \(error)")
        }
        let call = SyntheticCall(
            platform, to: target, tls: insecure ? try ClientTLS(trust: .anyone) : nil,
            script: try script(), isRecorded: true)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let isLive = !json
        let result = await CallGenerator(group: group).run(call) { event in
            if isLive { print(event.line) }
        }
        try await group.shutdownGracefully()
        if let recording {
            let bytes = result.recording.wav.encode()
            guard FileManager.default.createFile(atPath: recording, contents: Data(bytes)) else {
                throw CleanFailure("\(recording) cannot be written")
            }
        }
        try show(result.report)
        let isOrderly = [.byCaller, .byBot].contains(result.report.ending.kind)
        guard result.report.violations.isEmpty, isOrderly else { throw ExitCode.failure }
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
        var options = GenesysCallOptions(
            product: monitor ? .monitor : .connector, seed: .random(in: 1...UInt64.max))
        if let apiKey {
            let secret = secretVariable.flatMap { ProcessInfo.processInfo.environment[$0] }
            do {
                options.credentials = try .init(key: apiKey, secret: secret)
            } catch {
                throw CleanFailure("the client secret is not base64")
            }
        }
        try await arguments.place(.genesys(options))
    }
}

struct CXoneCallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cxone", abstract: "Call as NICE CXone does: audio to the server only.")

    @OptionGroup var arguments: CallArguments

    @Option(name: .long, help: "Name of the environment variable that holds the token.")
    var tokenVariable: String?

    func run() async throws {
        var options = CXoneCallOptions(seed: .random(in: 1...UInt64.max))
        if let tokenVariable {
            options.token = ProcessInfo.processInfo.environment[tokenVariable]
        }
        try await arguments.place(.cxone(options))
    }
}
