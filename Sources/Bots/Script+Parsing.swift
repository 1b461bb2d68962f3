// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
public import Foundation
public import StrictYAML

extension Script {
    /// The script that comes with the package; its comments explain the format.
    public static var defaultURL: URL {
        Bundle.module.bundleURL.appending(path: "Resources/default.yaml")
    }

    /// Reads and checks a script: unknown keys, steps that do not exist and prompt files that are
    /// missing are errors that name the line.
    public init(contentsOf url: URL) throws(YAMLProblem) {
        let text: String
        do {
            text = try String(contentsOf: url, encoding: .utf8)
        } catch {
            throw YAMLProblem(
                file: url.path, line: nil, message: "the script cannot be read as UTF-8 text")
        }
        try self.init(parsing: text, file: url.path, folder: url.deletingLastPathComponent())
    }

    /// Reads a script from its text.
    ///
    /// - Parameters:
    ///   - text: The script.
    ///   - file: Its name, for messages.
    ///   - folder: What the names of prompts are relative to.
    public init(parsing text: String, file: String, folder: URL) throws(YAMLProblem) {
        let root = try YAMLValue(parsing: text, file: file).mapping(
            of: ["start", "no_input", "steps"])
        let steps = try root.required("steps")
        var reader = ScriptReader(folder: folder, names: try steps.entries().map(\.key))
        if reader.names.isEmpty { throw steps.problem("a script has at least one step") }
        self.init(
            prompts: [], steps: [], start: try reader.step(root.required("start")), noInput: nil)
        for entry in try steps.entries() {
            self.steps.append(try reader.readStep(entry))
        }
        noInput = try root["no_input"].map { value throws(YAMLProblem) in
            try reader.readNoInput(value)
        }
        if noInput == nil, self.steps.contains(where: \.waits) {
            throw root.value.problem("the key 'no_input' is missing: a step waits for the caller")
        }
        prompts = reader.prompts
        try reader.checkTemplates(knowing: self.steps.compactMap(\.variable))
        if let name = silentCircle() {
            throw steps.problem("step '\(name)' leads back to itself without a word or a wait")
        }
    }

    /// The name of a step from which the script would run in a circle forever, at once.
    private func silentCircle() -> String? {
        for start in steps {
            var step = start
            for _ in 0...steps.count {
                guard case .proceed(let next) = step.action, step.say.isEmpty else { break }
                step = steps[next]
                if step.name == start.name { return start.name }
            }
        }
        return nil
    }
}

extension Script.Step {
    var waits: Bool {
        switch action {
        case .listen, .collect: true
        case .proceed, .transfer, .end: false
        }
    }

    /// Name of the variable that the step collects.
    var variable: String? {
        if case .collect(let collection) = action { collection.variable } else { nil }
    }
}

/// Turns YAML into the parts of a script, and gathers the prompts they name.
private struct ScriptReader {
    let folder: URL
    let names: [String]
    var prompts: [Script.Prompt] = []
    /// Templates with where they stand, and the variables that their step sets itself.
    private var templates: [(value: YAMLValue, template: Script.Template, given: [String])] = []

    init(folder: URL, names: [String]) {
        self.folder = folder
        self.names = names
    }

    mutating func readStep(_ entry: YAMLValue.Entry) throws(YAMLProblem) -> Script.Step {
        let actions = ["then", "listen", "collect", "transfer", "end"]
        let mapping = try entry.value.mapping(of: ["event", "say", "sensitive"] + actions)
        let event = try mapping["event"].map { value throws(YAMLProblem) in try value.text() }
        let say = try readSay(mapping["say"])
        let chosen = try mapping.exactlyOne(of: actions)
        let value = chosen.value
        let action: Script.StepAction
        switch chosen.key {
        case "then": action = .proceed(to: try step(value))
        case "listen": action = .listen(try readRules(value))
        case "collect": action = .collect(try readCollection(value))
        case "transfer":
            let transfer = try value.mapping(of: ["to", "variables", "summary"])
            let variables = try readVariables(transfer["variables"])
            action = .transfer(
                destination: try transfer.required("to").text(), variables: variables,
                summary: try readSummary(transfer["summary"], variables))
        default:
            let end = try value.mapping(of: ["variables", "summary"])
            let variables = try readVariables(end["variables"])
            action = .end(
                variables: variables, summary: try readSummary(end["summary"], variables))
        }
        let step = Script.Step(
            name: entry.key, event: event, say: say, action: action,
            isSensitive: try mapping["sensitive"]?.boolean() ?? false)
        if step.isSensitive, !step.waits, let value = mapping["sensitive"] {
            throw value.problem("only a step that waits for the caller may be sensitive")
        }
        return step
    }

    private mutating func readSummary(
        _ value: YAMLValue?, _ variables: [String: String]
    ) throws(YAMLProblem) -> Script.Template? {
        guard let value else { return nil }
        guard let template = Script.Template(parsing: try value.text()) else {
            throw value.problem("a brace encloses the name of a variable, as in {account}")
        }
        templates.append((value, template, Array(variables.keys)))
        return template
    }

    /// Every variable of a template must be one that the script sets somewhere.
    func checkTemplates(knowing collected: [String]) throws(YAMLProblem) {
        for (value, template, given) in templates {
            let known = collected + given
            for name in template.variables where !known.contains(name) {
                let guess = nearestName(to: name, among: known).map { "; did you mean '\($0)'?" }
                throw value.problem("no step collects '\(name)'\(guess ?? "")")
            }
        }
    }

    mutating func readNoInput(_ value: YAMLValue) throws(YAMLProblem) -> Script.NoInput {
        let mapping = try value.mapping(of: ["after_ms", "say", "attempts", "then"])
        return Script.NoInput(
            after: try milliseconds(mapping.required("after_ms")),
            say: try readSay(mapping["say"]),
            attempts: try mapping.required("attempts").integer(in: 0...10),
            step: try step(mapping.required("then")))
    }

    func step(_ value: YAMLValue) throws(YAMLProblem) -> Int {
        let name = try value.text()
        if let index = names.firstIndex(of: name) { return index }
        let guess = nearestName(to: name, among: names).map { "; did you mean '\($0)'?" }
        throw value.problem("there is no step '\(name)'\(guess ?? "")")
    }

    /// One utterance or a list of them; an utterance is a file, or a file with its options.
    private mutating func readSay(_ value: YAMLValue?) throws(YAMLProblem) -> [Script.Utterance] {
        guard let value else { return [] }
        var utterances: [Script.Utterance] = []
        let items: [YAMLValue]
        if case .list(let list) = value.content { items = list } else { items = [value] }
        for item in items {
            guard case .mapping = item.content else {
                utterances.append(.init(prompt: try prompt(item), allowsBargeIn: true))
                continue
            }
            let mapping = try item.mapping(of: ["file", "barge_in"])
            utterances.append(
                .init(
                    prompt: try prompt(mapping.required("file")),
                    allowsBargeIn: try mapping["barge_in"]?.boolean() ?? true))
        }
        return utterances
    }

    private mutating func prompt(_ value: YAMLValue) throws(YAMLProblem) -> Int {
        let name = try value.text()
        if let index = prompts.firstIndex(where: { $0.name == name }) { return index }
        let url = URL(filePath: name, relativeTo: folder).resolvingSymlinksInPath()
        let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
        guard attributes?[.type] as? FileAttributeType == .typeRegular else {
            throw value.problem("there is no prompt file '\(name)' (looked at \(url.path))")
        }
        prompts.append(Script.Prompt(name: name, path: url.path))
        return prompts.count - 1
    }

    private func readRules(_ value: YAMLValue) throws(YAMLProblem) -> [Script.Rule] {
        let conditions = ["digit", "turn", "shorter_than_ms", "longer_than_ms", "event"]
        var rules: [Script.Rule] = []
        let items = try value.list()
        for (index, item) in items.enumerated() {
            let mapping = try item.mapping(of: conditions + ["then"])
            var condition = Script.Condition.always
            if conditions.contains(where: { mapping[$0] != nil }) {
                let entry = try mapping.exactlyOne(of: conditions)
                switch entry.key {
                case "digit": condition = .digit(try key(entry.value))
                case "turn": condition = .turn(try entry.value.integer(in: 1...1_000))
                case "shorter_than_ms": condition = .shorterThan(try milliseconds(entry.value))
                case "longer_than_ms": condition = .longerThan(try milliseconds(entry.value))
                default: condition = .event(try entry.value.text())
                }
            }
            let isLast = index == items.count - 1
            if condition == .always, !isLast {
                throw item.problem("this rule fits always, so those after it never would")
            }
            if condition != .always, isLast {
                throw item.problem("the last rule must fit always: it has only 'then'")
            }
            rules.append(
                Script.Rule(condition: condition, step: try step(mapping.required("then"))))
        }
        if rules.isEmpty { throw value.problem("needs at least one rule") }
        return rules
    }

    private func readCollection(_ value: YAMLValue) throws(YAMLProblem) -> Script.Collection {
        let mapping = try value.mapping(
            of: ["into", "most_digits", "terminator", "between_digits_ms", "then"])
        return Script.Collection(
            variable: try mapping.required("into").text(),
            maximumDigits: try mapping.required("most_digits").integer(in: 1...64),
            terminator: try mapping["terminator"].map { value throws(YAMLProblem) in
                try key(value)
            },
            betweenDigits: try milliseconds(mapping.required("between_digits_ms")),
            step: try step(mapping.required("then")))
    }

    private func readVariables(_ value: YAMLValue?) throws(YAMLProblem) -> [String: String] {
        var variables: [String: String] = [:]
        for entry in try value?.entries() ?? [] {
            variables[entry.key] = try entry.value.text()
        }
        return variables
    }

    private func key(_ value: YAMLValue) throws(YAMLProblem) -> Character {
        let text = try value.text()
        guard text.count == 1, let key = text.first, Script.keys.contains(key) else {
            throw value.problem("'\(text)' is no key of a telephone (0 to 9, *, #, A to D)")
        }
        return key
    }

    private func milliseconds(_ value: YAMLValue) throws(YAMLProblem) -> MediaDuration {
        .milliseconds(Int64(try value.integer(in: 1...3_600_000)))
    }
}
