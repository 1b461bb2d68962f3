// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Something that a run measures, under the name that assertions and reports use.
public struct Metric: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Microseconds.
        case time
        case count
        /// Per cent.
        case share
        /// KiB.
        case memory
    }

    /// What must be there for the metric to be known.
    public enum Source: Hashable, Sendable {
        case callers
        /// The server's `/statistics`.
        case statistics
        /// The server's process.
        case process
    }

    public let name: String
    public let kind: Kind
    public let source: Source
    /// Has quantiles: it is written with one, `response.p99`.
    public let isDistribution: Bool
    /// Is known of each platform as well: `webex.response.p99`.
    public let isPerPlatform: Bool
    /// One line for people.
    public let meaning: String

    /// Everything that can be asked for, in the order of reports.
    public static let all: [Metric] = [
        .time("response", "end of the caller's speech until the first audio of the answer"),
        .time("barge_in", "onset of an interruption until the bot is silenced"),
        .time("onset", "Webex: onset of speech until START_OF_INPUT"),
        .time("endpoint", "Webex: end of speech until END_OF_INPUT"),
        .time("prompt", "Webex: END_OF_INPUT until the first prompt"),
        .late("generator_late", "how late the generator served its calls: its own fault"),
        .server("own", "the server's share of a turn: all but endpoint silence and bot"),
        .server("tick_late", "how late the server's ticks began"),
        .server("turn_total", "a turn as the server sees it, and its stages:"),
        .server("turn_arrival", "last voiced sample until its packet was taken in"),
        .server("turn_endpoint", "until the end of the turn was decided"),
        .server("turn_bot", "until the bot's first audio"),
        .server("turn_playout", "until that was sent"),
        .count("calls", "calls that began"),
        .count("refused", "calls that the server did not take"),
        .count("failed", "calls that broke off, or never ended"),
        .count("bot_ended", "calls that the bot ended"),
        .count("turns", "utterances of callers that wanted an answer"),
        .count("unanswered", "turns without an answer"),
        .share(
            "early", "turns answered before the caller had finished", .callers, perPlatform: true),
        .count("interruptions", "utterances begun while the bot was heard"),
        .count("missed_interruptions", "interruptions through which the bot talked on"),
        .count("false_stops", "times that the bot was stopped although nobody spoke"),
        .count("underruns", "gaps within answers"),
        .count("violations", "breaches of the platforms' protocols"),
        .count("frames_sent", "audio messages of the callers"),
        .count("frames_received", "audio messages of the server"),
        .total("late", "moments at which the generator served a call later than 20 ms"),
        .total("lost", "20 ms frames sent that the server did not take in", .statistics),
        .total(
            "concealed", "20 ms frames that never came and were heard as silence", .statistics),
        .total("ticks_skipped", "ticks that the server left out", .statistics),
        .total("stalls", "times that a caller's audio stayed away", .statistics),
        .total("budget_breaches", "turns over 500 ms as the server sees them", .statistics),
        .total("most_live", "most calls at a time"),
        .share("cpu", "the server's processor time while all calls are up, of one core", .process),
        .share("cpu_per_call", "the same divided by the calls", .process),
        .single("cpu_per_frame", .time, .process, "the server's processor time per audio message"),
        .single("rss", .memory, .process, "the server's resident memory, at most"),
        .single("rss_per_call", .memory, .process, "what it grew by from the start, per call"),
        .single(
            "generator_cpu_per_frame", .time, .callers, "our processor time per audio message sent"),
        .share("generator_cpu", "our processor time, of one core", .callers),
        .share("machine_cpu", "processor time of everything, of all cores", .callers),
        .share("steal", "processor time that other guests took, of all cores", .callers),
    ]

    private static func time(_ name: String, _ meaning: String) -> Metric {
        Metric(
            name: name, kind: .time, source: .callers, isDistribution: true, isPerPlatform: true,
            meaning: meaning)
    }

    private static func late(_ name: String, _ meaning: String) -> Metric {
        Metric(
            name: name, kind: .time, source: .callers, isDistribution: true, isPerPlatform: false,
            meaning: meaning)
    }

    private static func server(_ name: String, _ meaning: String) -> Metric {
        Metric(
            name: name, kind: .time, source: .statistics, isDistribution: true,
            isPerPlatform: false, meaning: meaning)
    }

    private static func count(_ name: String, _ meaning: String) -> Metric {
        Metric(
            name: name, kind: .count, source: .callers, isDistribution: false,
            isPerPlatform: true, meaning: meaning)
    }

    private static func total(
        _ name: String, _ meaning: String, _ source: Source = .callers
    ) -> Metric {
        single(name, .count, source, meaning)
    }

    private static func share(
        _ name: String, _ meaning: String, _ source: Source, perPlatform: Bool = false
    ) -> Metric {
        Metric(
            name: name, kind: .share, source: source, isDistribution: false,
            isPerPlatform: perPlatform, meaning: meaning)
    }

    private static func single(
        _ name: String, _ kind: Kind, _ source: Source, _ meaning: String
    ) -> Metric {
        Metric(
            name: name, kind: kind, source: source, isDistribution: false, isPerPlatform: false,
            meaning: meaning)
    }
}

extension Metric.Kind {
    /// A value as people read it.
    public func text(_ value: Double) -> String {
        switch self {
        case .time where value.magnitude < 1000: Self.short(value) + " us"
        case .time: Self.short(value / 1000) + " ms"
        case .count: Self.short(value)
        case .share: Self.short(value) + " %"
        case .memory where value.magnitude < 10_240: Self.short(value) + " KiB"
        case .memory: Self.short(value / 1024) + " MiB"
        }
    }

    /// Three digits, or all of a whole number.
    private static func short(_ value: Double) -> String {
        if value == value.rounded(), value.magnitude < 1e15 { return String(Int64(value)) }
        let scale =
            value.magnitude >= 100
            ? 1.0 : value.magnitude >= 10 ? 10 : value.magnitude >= 1 ? 100 : 1000
        let rounded = (value * scale).rounded() / scale
        return rounded == rounded.rounded() ? String(Int64(rounded)) : String(rounded)
    }
}
