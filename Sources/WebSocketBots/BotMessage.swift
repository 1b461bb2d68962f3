// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import JSON
internal import MediaEngine
internal import MediaServer
internal import SpeechDetection

/// What a bot tells Sidetone.
enum BotMessage {
    case ready(output: WireAudio?)
    case responseBegin(String, allowsBargeIn: Bool)
    /// `more`: the answer goes on with another response.
    case responseEnd(String, more: Bool)
    case mark(String)
    case clear
    case veto(InterruptionID)
    case listen(InputExpectation)
    case report(TurnOutcome)
    case event(CustomEvent)
    /// A transfer or an end; `isAtOnce`: what is queued is not waited for.
    case ending(CallEnding, isAtOnce: Bool)
    case error(code: String)

    /// The types there are, as on the wire.
    static let types = [
        "ready", "response_begin", "response_end", "mark", "clear", "veto", "listen", "report",
        "event", "transfer", "end", "error",
    ]

    /// Members that are not known are let through: a later version may have them.
    init(parsing text: String) throws(BotError) {
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue(parsing: text, maximumDepth: 8)
        } catch {
            throw BotError(.invalidJSON, error.description)
        }
        guard let object = value.object else {
            throw BotError(.invalidMessage, "a message is a JSON object")
        }
        let reader = BotMessageReader(object: object)
        switch try reader.text("type") {
        case "ready": self = try reader.ready()
        case "response_begin":
            self = .responseBegin(
                try reader.name("response"), allowsBargeIn: try reader.flag("barge_in") ?? true)
        case "response_end":
            self = .responseEnd(
                try reader.name("response"), more: try reader.flag("more") ?? false)
        case "mark": self = .mark(try reader.name("mark"))
        case "clear": self = .clear
        case "veto":
            let number = try reader.integer("interruption", in: 0...Int64(UInt32.max))
            self = .veto(InterruptionID(number: UInt32(number ?? 0)))
        case "listen": self = .listen(try reader.expectation())
        case "report": self = .report(try reader.outcome())
        case "event":
            self = .event(
                CustomEvent(name: try reader.name("name"), values: try reader.texts("values")))
        case "transfer":
            let destination = try reader.text("to")
            self = try reader.ending(.transfer(destination: destination))
        case "end": self = try reader.ending(.completed)
        case "error": self = .error(code: try reader.name("code"))
        case let type:
            let guess = Self.types.contains(type.lowercased()) ? "; types are in lower case" : ""
            throw BotError(.unknownType, "there is no message '\(type.prefix(32))'\(guess)")
        }
    }
}

/// Reads the members of one message; what is wrong names the member.
struct BotMessageReader {
    private static let textLimit = 64 * 1024

    let object: JSONObject

    func text(_ member: String) throws(BotError) -> String {
        guard let text = object[member]?.string else { throw wrong(member, "a text") }
        return text
    }

    /// 1 to 64 characters.
    func name(_ member: String) throws(BotError) -> String {
        let text = try text(member)
        guard (1...BotProtocol.nameLimit).contains(text.utf8.count) else {
            throw wrong(member, "1 to \(BotProtocol.nameLimit) bytes")
        }
        return text
    }

    func flag(_ member: String) throws(BotError) -> Bool? {
        guard let value = object[member] else { return nil }
        guard let flag = value.bool else { throw wrong(member, "true or false") }
        return flag
    }

    func integer(
        _ member: String, in range: ClosedRange<Int64>, isRequired: Bool = true
    ) throws(BotError) -> Int64? {
        guard let value = object[member] else {
            if isRequired { throw wrong(member, "a number") }
            return nil
        }
        guard let number = value.integer, range.contains(number) else {
            throw wrong(member, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private func given(_ member: String) throws(BotError) -> String? {
        guard let value = object[member] else { return nil }
        guard let text = value.string, text.utf8.count <= Self.textLimit else {
            throw wrong(member, "a text of up to \(Self.textLimit) bytes")
        }
        return text
    }

    func texts(_ member: String) throws(BotError) -> [String: String] {
        guard let value = object[member] else { return [:] }
        guard let members = value.object?.members, members.count <= 64 else {
            throw wrong(member, "an object of up to 64 texts")
        }
        var texts: [String: String] = [:]
        for member in members {
            guard let text = member.value.string, text.utf8.count <= Self.textLimit else {
                throw wrong(member.name, "a text of up to \(Self.textLimit) bytes")
            }
            texts[member.name] = text
        }
        return texts
    }

    func ready() throws(BotError) -> BotMessage {
        let version = try integer("version", in: 0...1_000_000) ?? 0
        guard version == BotProtocol.version else {
            throw BotError(
                .unsupportedVersion, "version \(version); this is \(BotProtocol.version)")
        }
        guard let value = object["output"] else { return .ready(output: nil) }
        guard let members = value.object else { throw wrong("output", "an object") }
        let reader = BotMessageReader(object: members)
        let encodings: [WireAudio.Encoding] = [.pcm16, .opus]
        guard let encoding = WireAudio.Encoding(rawValue: try reader.text("encoding")),
            encodings.contains(encoding),
            let rate = members["rate"]?.integer.flatMap({ Int(exactly: $0) }),
            WireAudio.rates.contains(rate)
        else {
            throw BotError(
                .unsupportedFormat, "output is pcm16 or opus at 8000, 16000, 24000 or 48000 Hz")
        }
        return .ready(output: WireAudio(encoding, rate: SampleRate(hertz: rate)))
    }

    func outcome() throws(BotError) -> TurnOutcome {
        let dispositions: [String: TurnOutcome.Disposition] = [
            "match": .match, "no_match": .noMatch, "no_input": .noInput,
        ]
        guard let disposition = dispositions[try text("disposition")] else {
            throw wrong("disposition", "match, no_match or no_input")
        }
        let confidence = object["confidence"]?.number
        guard (0...1).contains(confidence ?? 0) else { throw wrong("confidence", "0 to 1") }
        return TurnOutcome(disposition, text: try given("text"), confidence: confidence)
    }

    func expectation() throws(BotError) -> InputExpectation {
        var expectation = InputExpectation()
        switch object["modes"]?.string {
        case nil where object["modes"] == nil, "voice_and_digits": break
        case "voice": expectation.modes = .voice
        case "digits": expectation.modes = .digits
        default: throw wrong("modes", "voice, digits or voice_and_digits")
        }
        switch object["speech"]?.string {
        case nil where object["speech"] == nil, "free": break
        case "yes_no": expectation.speech = .yesNo
        case "digits": expectation.speech = .digits
        default: throw wrong("speech", "free, yes_no or digits")
        }
        expectation.isSensitive = try flag("sensitive") ?? false
        if let wait = try integer("no_input_ms", in: 1...600_000, isRequired: false) {
            expectation.noInputTimeout = .milliseconds(wait)
        }
        if let most = try integer("most_digits", in: 1...128, isRequired: false) {
            let terminator = try given("terminator")
            guard terminator == nil || terminator?.count == 1 else {
                throw wrong("terminator", "one key")
            }
            expectation.digits = InputExpectation.Digits(
                maximumCount: Int(most),
                terminator: terminator?.first.flatMap { DTMFDigit($0) },
                between: .milliseconds(
                    try integer("between_ms", in: 100...60_000, isRequired: false) ?? 3000))
        }
        return expectation
    }

    func ending(_ kind: CallEnding.Kind) throws(BotError) -> BotMessage {
        .ending(
            CallEnding(
                kind, outputs: try texts("outputs"), summary: try given("summary"),
                transcript: try given("transcript")),
            isAtOnce: try flag("now") ?? false)
    }

    private func wrong(_ member: String, _ expected: String) -> BotError {
        BotError(.invalidMessage, "'\(member.prefix(32))' must be \(expected)")
    }
}
