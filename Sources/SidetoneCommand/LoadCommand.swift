// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import AudioCore
internal import Foundation
internal import GRPCTransport
internal import LoadTesting
internal import SyntheticCallers
internal import WebSocketTransport

struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Place thousands of synthetic calls, measure, and check limits.",
        discussion: """
            The exit status is 0 when every assertion holds, 1 when one does not, and 75 when the \
            generator itself was late, so that the figures say nothing of the server. --metrics \
            lists what can be asserted.
            """)

    @Option(
        name: .long,
        help: "Calls at a time by platform: webex=2000, or webex=40,cxone=40,genesys=20 of --calls."
    )
    var mix: String?

    @Option(name: .long, help: "Calls at a time in all; the mix says how they are divided.")
    var calls: Int?

    @OptionGroup(title: "Where the calls go") var destination: LoadDestination

    @Option(
        name: .long,
        help: "A WAV file that callers say, or a folder of them. Repeat it for more.")
    var audio: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Kinds of callers: talker, interrupter, digits, silent, hold, slow-reader, dead-peer.",
            valueName: "KIND=SHARE,…"))
    var callers = "talker"

    @Option(name: .long, help: "Seconds over which the calls begin.")
    var ramp = 10.0

    @Option(name: .long, help: "Seconds for which all of them are held.")
    var hold = 60.0

    @Option(
        name: .long,
        help: "Mean seconds of a call, after which another takes its place; without, calls last.")
    var callLength: Double?

    @Option(name: .long, help: "The same seed makes the same calls at the same instants.")
    var seed: UInt64 = 1

    @Option(name: .long, help: "Threads that carry calls; 0 takes one for every 2500 calls.")
    var threads = 0

    @Option(name: .long, help: "Address of the server's statistics.")
    var statistics: String?

    @Option(name: .long, help: "The server's process, for its processor time and memory.")
    var pid: Int32?

    @Option(name: .long, help: "The generator may be so many milliseconds late at p99.")
    var lateLimit = 20.0

    @Option(name: .long, help: "And so many at most.")
    var lateLimitMax = 250.0

    @Option(
        name: .customLong("assert"), parsing: .singleValue,
        help: ArgumentHelp("A limit, such as 'response.p99<=500ms'.", valueName: "METRIC<=LIMIT"))
    var assertions: [String] = []

    @Option(name: .long, help: ArgumentHelp("Write the result as JSON.", valueName: "FILE"))
    var json: String?

    @Option(name: .long, help: ArgumentHelp("Write a page for people.", valueName: "FILE.html"))
    var report: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Draw the engine's scaling into the page, from MediaBenchmarks --curve --json.",
            valueName: "FILE"))
    var curve: String?

    @Flag(name: .long, help: "List the metrics and end.")
    var metrics = false

    func run() async throws {
        if metrics { return Self.listMetrics() }
        let (plan, assertions, targets, speech) = try prepared()
        let curve = try scalingCurve()
        var options = LoadRun.Options()
        options.loops = threads > 0 ? threads : max(1, (plan.calls + 2499) / 2500)
        options.statistics = statistics
        options.pid = pid
        options.lateLimit = LoadResult.LateLimit(p99: lateLimit, maximum: lateLimitMax)
        let run = LoadRun(plan, targets: targets, speech: speech, options: options)
        var terminal = ProgressTerminal(duration: plan.duration.seconds)
        var result = try await run.run { terminal.show($0, $1) }
        terminal.end()
        result.curve = curve
        result.outcomes = assertions.map { $0.outcome(result) }
        for line in result.lines { print(line) }
        if let json { try write(result.json(), to: json) }
        if let report { try write(Data(ReportPage(result).html.utf8), to: report) }
        switch result.verdict {
        case .passed: break
        case .failed: throw ExitCode.failure
        // EX_TEMPFAIL: try again, on a machine that has time.
        case .inconclusive: throw ExitCode(75)
        }
    }

    /// What cannot be done is said before any call is placed, and as a fault of the command line.
    private func prepared() throws -> (LoadPlan, [Assertion], LoadTargets, SpeechLibrary) {
        do {
            let plan = try plan()
            let assertions = try checkedAssertions()
            let targets = try destination.targets(for: plan)
            try checkFiles(plan)
            return (plan, assertions, targets, try SpeechLibrary(paths: audio, seed: seed))
        } catch let problem as LoadProblem {
            throw ValidationError(problem.description)
        }
    }

    private func scalingCurve() throws -> ScalingCurve? {
        guard let curve else { return nil }
        guard report != nil else { throw ValidationError("--curve needs --report") }
        guard let data = FileManager.default.contents(atPath: curve) else {
            throw ValidationError("\(curve) cannot be read")
        }
        do {
            return try ScalingCurve(parsing: data)
        } catch {
            throw ValidationError("\(curve): \(error)")
        }
    }

    private func plan() throws -> LoadPlan {
        guard let mix else { throw ValidationError("--mix is missing: webex=100, for example") }
        guard ramp >= 0, hold >= 5, ramp + hold <= 86_400 else {
            throw ValidationError("--ramp takes 0 or more seconds, --hold 5 or more")
        }
        guard callLength ?? 10 >= 5 else { throw ValidationError("--call-length takes 5 or more") }
        guard calls ?? 1 > 0, threads >= 0, lateLimit > 0, lateLimitMax >= lateLimit else {
            throw ValidationError("--calls and the late limits take more than 0")
        }
        return try LoadPlan(
            mix: Shares(parsing: mix, of: "platform"), calls: calls,
            behaviours: Shares(parsing: callers, of: "kind of caller"), ramp: .seconds(ramp),
            hold: .seconds(hold), callLength: callLength.map(MediaDuration.seconds), seed: seed)
    }

    /// What can never hold is told before the calls, not after.
    private func checkedAssertions() throws -> [Assertion] {
        try assertions.map { text in
            let assertion = try Assertion(parsing: text)
            switch assertion.reference.metric.source {
            case .statistics where statistics == nil:
                throw LoadProblem("'\(text)' needs --statistics")
            case .process where statistics == nil && pid == nil:
                throw LoadProblem("'\(text)' needs --pid or --statistics")
            default: return assertion
            }
        }
    }

    /// Each connection takes a descriptor; CXone has two to a call.
    private func checkFiles(_ plan: LoadPlan) throws {
        let needed = plan.mix.parts(of: plan.calls).reduce(100) { sum, part in
            switch part.key {
            case .webex: sum + part.weight / 50
            case .cxone: sum + 2 * part.weight
            case .genesys: sum + part.weight
            }
        }
        guard let allowed = OpenFileLimit.current, allowed < needed else { return }
        throw LoadProblem(
            "these calls take \(needed) open files and \(allowed) are allowed: ulimit -n \(needed)")
    }

    private func write(_ data: Data, to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: data) else {
            throw CleanFailure("\(path) cannot be written")
        }
    }

    private static func listMetrics() {
        for metric in Metric.all {
            let name = metric.name + (metric.isDistribution ? ".p99" : "")
            print(name.padding(toLength: 26, withPad: " ", startingAt: 0) + metric.meaning)
        }
        print("Distributions have p50, p90, p95, p99, p999, max, mean and count.")
        print("Metrics of callers are known of each platform as well: webex.response.p99.")
    }
}

/// Where a load goes, and what it shows there.
struct LoadDestination: ParsableArguments {
    @Option(name: .long, help: "Webex: grpc://HOST:PORT, or grpcs://.")
    var webex: String?

    @Option(name: .long, help: "CXone: ws://HOST:PORT/PATH, or wss://.")
    var cxone: String?

    @Option(name: .long, help: "Genesys: ws://HOST:PORT/PATH, or wss://.")
    var genesys: String?

    @Option(name: .long, help: "Webex calls that share a connection.")
    var callsPerConnection = 100

    @Option(name: .long, help: "Webex: virtual_agent_id; the server's default when left out.")
    var virtualAgent = ""

    @Option(name: .long, help: "Webex and CXone: environment variable that holds the token.")
    var tokenVariable: String?

    @Option(name: .long, help: "Genesys: the integration's API key.")
    var apiKey: String?

    @Option(name: .long, help: "Genesys: environment variable that holds its client secret.")
    var secretVariable: String?

    @Flag(name: .long, help: "Accept any certificate: for test servers only.")
    var insecure = false

    func targets(for plan: LoadPlan) throws -> LoadTargets {
        let environment = ProcessInfo.processInfo.environment
        var targets = LoadTargets()
        targets.token = tokenVariable.flatMap { environment[$0] }
        targets.virtualAgent = virtualAgent
        if let apiKey {
            targets.genesysCredentials = try .init(
                key: apiKey, secret: secretVariable.flatMap { environment[$0] })
        }
        if insecure { targets.tls = try ClientTLS(trust: .anyone) }
        if let webex {
            guard callsPerConnection > 0 else {
                throw ValidationError("--calls-per-connection takes 1 or more")
            }
            targets.webex = WebexEndpoint(
                try Self.address("--webex", webex, GRPCURL.init),
                tls: insecure ? try GRPCClientTLS(trust: .anyone) : nil,
                callsPerConnection: callsPerConnection)
        }
        targets.cxone = try cxone.map { try Self.address("--cxone", $0, WebSocketURL.init) }
        targets.genesys = try genesys.map { try Self.address("--genesys", $0, WebSocketURL.init) }
        for entry in plan.mix.entries where !targets.contains(entry.key) {
            throw ValidationError(
                "--mix has \(entry.key.rawValue): --\(entry.key.rawValue) is missing")
        }
        return targets
    }

    private static func address<URL>(
        _ option: String, _ text: String, _ parse: (String) throws -> URL
    ) throws -> URL {
        do {
            return try parse(text)
        } catch {
            throw CleanFailure("\(option) \(text): \(error)")
        }
    }
}

/// Progress goes to standard error: one line that is written over on a terminal, else a line every
/// five seconds.
private struct ProgressTerminal {
    private let duration: Double
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var width = 0
    private var seconds = 0

    init(duration: Double) {
        self.duration = duration
    }

    mutating func show(_ sample: LoadResult.Sample, _ tally: LoadTally) {
        let text = ProgressLine.text(sample, tally, of: duration)
        seconds += 1
        guard isTerminal else {
            if seconds % 5 == 0 { write(text + "\n") }
            return
        }
        write("\r" + text + String(repeating: " ", count: max(0, width - text.count)))
        width = text.count
    }

    mutating func end() {
        if isTerminal { write("\r" + String(repeating: " ", count: width) + "\r") }
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
