// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// One setting of the server: its name, what it may be, and what it is when nobody says.
///
/// The table ``all`` is the only list of settings. Reading, the reference in `docs/configuration.md`
/// and `serve --check` all come from it.
public struct ConfigurationKey: Hashable, Sendable {
    /// What a value may be.
    public enum Kind: Hashable, Sendable {
        case text
        /// A text that is one of these.
        case name([String])
        case integer(ClosedRange<Int>)
        case boolean
        /// Path of a request on the server, such as `/genesys`.
        case requestPath
        /// A file; a relative one is relative to the configuration file that names it.
        case file
        /// A text that is never shown, or `env:NAME` or `file:PATH` to take it from there.
        case secret
        /// A list of mappings with `key` and, for signed requests, `secret`.
        case apiKeys
        /// A list of mappings with `id`, `name` and, for a bot of its own, `script`.
        case virtualAgents
        /// A list of texts.
        case texts
        /// A list of mappings with `name` and `value`, which may be a secret.
        case headers

        /// Whether a text from outside a file has to be written as YAML.
        var isList: Bool {
            switch self {
            case .apiKeys, .virtualAgents, .texts, .headers: true
            case .text, .name, .integer, .boolean, .requestPath, .file, .secret: false
            }
        }
    }

    /// Section and name, such as `server.port`.
    public let name: String
    public let kind: Kind
    /// The value when nothing gives one, as it would stand in the file; `nil`: there is none.
    public let defaultText: String?
    /// The flag of its own on the command line, such as `--port`. Every key has `--set KEY=VALUE`.
    public let flag: String?
    /// What it is for, in one sentence with its unit.
    public let summary: String

    init(
        _ name: String, _ kind: Kind, default defaultText: String? = nil, flag: String? = nil,
        _ summary: String
    ) {
        self.name = name
        self.kind = kind
        self.defaultText = defaultText
        self.flag = flag
        self.summary = summary
    }

    /// The part of the name before the dot.
    public var section: String { String(name.prefix { $0 != "." }) }

    /// The part of the name after the dot.
    public var nameInSection: String { String(name.drop { $0 != "." }.dropFirst()) }

    /// The environment variable that sets it, such as `SIDETONE_SERVER_PORT`.
    public var environmentName: String {
        "SIDETONE_" + name.uppercased().replacing(".", with: "_")
    }

    /// The key called `name`, if there is one.
    public static func named(_ name: String) -> ConfigurationKey? {
        all.first { $0.name == name }
    }
}
