// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import StrictYAML

extension ConfigurationSettings {
    /// The settings in effect as a configuration file, each with its source; secrets are left out.
    ///
    /// References to secrets (`env:NAME`, `file:PATH`) are shown: they are no secrets.
    public func effectiveText() -> String {
        var lines: [String] = []
        var section = ""
        for key in ConfigurationKey.all {
            if key.section != section {
                section = key.section
                lines.append("\(section):")
            }
            guard let value = value(of: key), let source = source(of: key) else {
                lines.append("  # \(key.nameInSection): not set")
                continue
            }
            let shown =
                switch key.kind {
                case .secret: Self.redacted(value)
                case .apiKeys, .headers: Self.shown(value, Self.redacted)
                default: Self.shown(value, Self.plain)
                }
            lines.append("  \(key.nameInSection): \(shown)  # \(source.shown)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A value in YAML's flow style, with `member` for what stands in its mappings.
    private static func shown(
        _ value: YAMLValue, _ member: (YAMLValue) -> String
    ) -> String {
        switch value.content {
        case .scalar(let text): quoted(text)
        case .list(let values):
            "[" + values.map { shown($0, member) }.joined(separator: ", ") + "]"
        case .mapping(let entries):
            "{"
                + entries.map { "\(quoted($0.key)): \(member($0.value))" }.joined(separator: ", ")
                + "}"
        }
    }

    private static func plain(_ value: YAMLValue) -> String { shown(value, plain) }

    private static func redacted(_ value: YAMLValue) -> String {
        if case .scalar(let text) = value.content,
            ["env:", "file:"].contains(where: text.hasPrefix)
        {
            return quoted(text)
        }
        return "(secret)"
    }

    /// Quotes a text that YAML would not read back as itself.
    private static func quoted(_ text: String) -> String {
        let isPlain = text.wholeMatch(of: /[A-Za-z0-9_\/.][A-Za-z0-9_\/.\-]*/) != nil
        if isPlain, text != "null" { return text }
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                "\\x" + String(scalar.value + 0x100, radix: 16).dropFirst()
            default: String(scalar)
            }
        }
        return "\"" + escaped.joined() + "\""
    }
}

extension ConfigurationSettings.Source {
    fileprivate var shown: String {
        switch self {
        case .builtIn: "default"
        case .file(let line): "file, line \(line)"
        case .environment: "environment"
        case .flag(let flag): flag
        }
    }
}
