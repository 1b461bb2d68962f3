// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
public import StrictYAML

/// The settings of a server with where each comes from: a flag goes before the environment, the
/// environment before the file, the file before the default.
///
/// Names are checked here: an unknown key is an error wherever it stands. Values are checked when
/// ``ServerConfiguration`` reads them.
public struct ConfigurationSettings: Sendable {
    /// A value given on the command line.
    public struct Flag: Hashable, Sendable {
        let key: ConfigurationKey
        let origin: String
        let text: String

        /// The value of a flag of its own, such as `--port 9000`.
        ///
        /// - Precondition: `flag` stands in the table of keys.
        public init(_ flag: String, _ text: String) {
            guard let key = ConfigurationKey.all.first(where: { $0.flag == flag }) else {
                preconditionFailure("\(flag) is no flag of any configuration key")
            }
            self.key = key
            self.origin = flag
            self.text = text
        }

        /// The argument of `--set`, such as `server.port=9000`.
        public init(set argument: String) throws(YAMLProblem) {
            let parts = argument.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw YAMLProblem(
                    file: "--set", line: nil, message: "expected KEY=VALUE, found '\(argument)'")
            }
            let name = String(parts[0])
            guard let key = ConfigurationKey.named(name) else {
                throw ConfigurationSettings.unknown(name, at: "--set", among: \.name)
            }
            self.key = key
            self.origin = "--set \(name)"
            self.text = String(parts[1])
        }
    }

    /// Where a value comes from, from the weakest to the strongest.
    public enum Source: Hashable, Sendable {
        case builtIn
        case file(line: Int)
        case environment
        case flag(String)
    }

    struct Setting: Sendable {
        var value: YAMLValue
        var source: Source
    }

    /// Variables that `env:NAME` may name.
    let environment: [String: String]
    /// Folder of the configuration file, for the files it names.
    let folder: String?
    private var settings: [ConfigurationKey: Setting] = [:]

    /// Reads the file, if one is given, and lays the rest over it.
    ///
    /// - Parameters:
    ///   - file: Path of the configuration file; `nil` to go without.
    ///   - environment: Variables of the process; those not called `SIDETONE_SECTION_…` are others'.
    ///   - flags: Values of the command line; of two for one key the later one holds.
    public init(
        file: String?, environment: [String: String] = [:], flags: [Flag] = []
    ) throws(YAMLProblem) {
        var text: String?
        if let file {
            do {
                text = try String(contentsOfFile: file, encoding: .utf8)
            } catch {
                throw YAMLProblem(
                    file: file, line: nil,
                    message: "the configuration cannot be read as UTF-8 text")
            }
        }
        try self.init(text: text, name: file ?? "", environment: environment, flags: flags)
    }

    /// Lays environment and flags over the text of a configuration file called `name`.
    public init(
        text: String?, name: String, environment: [String: String] = [:], flags: [Flag] = []
    ) throws(YAMLProblem) {
        self.environment = environment
        folder = text == nil ? nil : URL(filePath: name).deletingLastPathComponent().path
        for key in ConfigurationKey.all {
            guard let text = key.defaultText else { continue }
            settings[key] = Setting(
                value: try Self.value(text, of: key, from: "default"), source: .builtIn)
        }
        if let text { try layFile(YAMLValue(parsing: text, file: name)) }
        try layEnvironment()
        for flag in flags {
            settings[flag.key] = Setting(
                value: try Self.value(flag.text, of: flag.key, from: flag.origin),
                source: .flag(flag.origin))
        }
    }

    /// The value of `key`, or `nil` when nothing gives one.
    func value(of key: ConfigurationKey) -> YAMLValue? { settings[key]?.value }

    /// Where the value of `key` comes from, or `nil` when it has none.
    public func source(of key: ConfigurationKey) -> Source? { settings[key]?.source }

    private mutating func layFile(_ root: YAMLValue) throws(YAMLProblem) {
        var sections: [String] = []
        for key in ConfigurationKey.all where !sections.contains(key.section) {
            sections.append(key.section)
        }
        let mapping = try root.mapping(of: sections)
        for section in sections {
            guard let value = mapping[section] else { continue }
            let keys = ConfigurationKey.all.filter { $0.section == section }
            let given = try value.mapping(of: keys.map(\.nameInSection))
            for key in keys {
                guard let value = given[key.nameInSection] else { continue }
                settings[key] = Setting(value: value, source: .file(line: value.line ?? 1))
            }
        }
    }

    private mutating func layEnvironment() throws(YAMLProblem) {
        let sections = Set(ConfigurationKey.all.map(\.section))
        let prefixes = sections.map { "SIDETONE_\($0.uppercased())_" }
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) {
            guard prefixes.contains(where: name.hasPrefix) else { continue }
            guard let key = ConfigurationKey.all.first(where: { $0.environmentName == name }) else {
                throw Self.unknown(name, at: "environment", among: \.environmentName)
            }
            settings[key] = Setting(
                value: try Self.value(text, of: key, from: name), source: .environment)
        }
    }

    /// Texts from outside a file are taken as they are; only a list has to be written as YAML.
    private static func value(
        _ text: String, of key: ConfigurationKey, from origin: String
    ) throws(YAMLProblem) -> YAMLValue {
        key.kind.isList
            ? try YAMLValue(parsing: text, file: origin) : YAMLValue(text: text, origin: origin)
    }

    private static func unknown(
        _ name: String, at origin: String, among names: (ConfigurationKey) -> String
    ) -> YAMLProblem {
        let guess = nearestName(to: name, among: ConfigurationKey.all.map(names))
        let advice = guess.map { "did you mean '\($0)'?" } ?? "docs/configuration.md lists all"
        return YAMLProblem(
            file: origin, line: nil, message: "'\(name)' is no configuration key; \(advice)")
    }
}
