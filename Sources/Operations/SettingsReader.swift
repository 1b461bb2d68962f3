// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import Foundation
internal import StrictYAML

/// Reads settings as the kinds that the table of keys gives them.
struct SettingsReader {
    let settings: ConfigurationSettings

    func text(_ key: ConfigurationKey) throws(YAMLProblem) -> String {
        try required(key).text()
    }

    /// A text that need not be there.
    func givenText(_ key: ConfigurationKey) throws(YAMLProblem) -> String? {
        guard let value = settings.value(of: key) else { return nil }
        return try value.text()
    }

    func integer(_ key: ConfigurationKey) throws(YAMLProblem) -> Int {
        guard case .integer(let range) = key.kind else { fatalError("\(key.name) is no integer") }
        return try required(key).integer(in: range)
    }

    func seconds(_ key: ConfigurationKey) throws(YAMLProblem) -> MediaDuration {
        .milliseconds(Int64(try integer(key)) * 1_000)
    }

    func boolean(_ key: ConfigurationKey) throws(YAMLProblem) -> Bool {
        try required(key).boolean()
    }

    func named<Name: RawRepresentable<String>>(
        _ key: ConfigurationKey
    ) throws(YAMLProblem) -> Name {
        guard case .name(let names) = key.kind else { fatalError("\(key.name) is no name") }
        let value = try required(key)
        guard let name = Name(rawValue: try value.name(among: names)) else {
            fatalError("The table of keys names a value of \(key.name) that does not exist")
        }
        return name
    }

    func shards() throws(YAMLProblem) -> Int? {
        let count = try integer(.shards)
        return count == 0 ? nil : count
    }

    /// In bytes.
    func memoryLimit() throws(YAMLProblem) -> Int? {
        let megabytes = try integer(.memoryLimit)
        return megabytes == 0 ? nil : megabytes * 1024 * 1024
    }

    func operations() throws(YAMLProblem) -> ServerConfiguration.Operations {
        let port = try integer(.operationsPort)
        for other in [ConfigurationKey.port, .webexPort] where port > 0 {
            guard try integer(other) == port else { continue }
            throw try required(.operationsPort).problem("\(other.name) is \(port) as well")
        }
        return ServerConfiguration.Operations(
            host: try text(.operationsHost), port: port == 0 ? nil : port)
    }

    /// A path as it stands in a request: nothing to decode, nothing to resolve.
    func requestPath(_ key: ConfigurationKey) throws(YAMLProblem) -> String {
        let value = try required(key)
        let path = try value.text()
        let allowed = path.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"),
                UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
                true
            default: false
            }
        }
        guard path.hasPrefix("/"), allowed else {
            throw value.problem(
                "'\(path)' is no request path: it begins with / and has letters, digits, - _ . ~")
        }
        return path
    }

    /// The path of a file that can be read, or `nil` when none is given.
    func file(_ key: ConfigurationKey) throws(YAMLProblem) -> String? {
        guard let value = settings.value(of: key) else { return nil }
        return try file(value, of: key)
    }

    /// The path of a file that can be read; a relative one of the file is relative to its folder.
    func file(_ value: YAMLValue, of key: ConfigurationKey) throws(YAMLProblem) -> String {
        let name = try value.text()
        var url = URL(filePath: name)
        if case .file = settings.source(of: key), let folder = settings.folder {
            url = URL(
                filePath: name, relativeTo: URL(filePath: folder, directoryHint: .isDirectory))
        }
        let attributes = try? FileManager.default.attributesOfItem(
            atPath: url.resolvingSymlinksInPath().path)
        guard attributes?[.type] as? FileAttributeType == .typeRegular,
            FileManager.default.isReadableFile(atPath: url.path)
        else { throw value.problem("there is no file '\(name)' to read (looked at \(url.path))") }
        return url.path
    }

    func tls() throws(YAMLProblem) -> ServerConfiguration.TLS? {
        let certificate = try file(.tlsCertificate)
        let privateKey = try file(.tlsPrivateKey)
        switch (certificate, privateKey) {
        case (nil, nil): return nil
        case (let certificate?, let privateKey?):
            return ServerConfiguration.TLS(certificate: certificate, privateKey: privateKey)
        default:
            let (given, missing): (ConfigurationKey, ConfigurationKey) =
                certificate == nil
                ? (.tlsPrivateKey, .tlsCertificate) : (.tlsCertificate, .tlsPrivateKey)
            throw try required(given).problem("needs \(missing.name) beside it")
        }
    }

    func secret(_ key: ConfigurationKey) throws(YAMLProblem) -> Secret? {
        guard let value = settings.value(of: key) else { return nil }
        return try secret(value)
    }

    /// A secret given as it is, as `env:NAME` or as `file:PATH`. No message repeats its text.
    func secret(_ value: YAMLValue) throws(YAMLProblem) -> Secret {
        let text: String
        switch value.content {
        case .scalar(let scalar): text = scalar
        case .list, .mapping: throw value.problem("expected a secret, env:NAME or file:PATH")
        }
        if text.isEmpty { throw value.problem("has no value") }
        if text.hasPrefix("env:") {
            let name = String(text.dropFirst("env:".count))
            guard let content = settings.environment[name], !content.isEmpty else {
                throw value.problem("the environment variable '\(name)' is not set")
            }
            return Secret(content)
        }
        if text.hasPrefix("file:") {
            let name = String(text.dropFirst("file:".count))
            let base = value.line == nil ? nil : settings.folder
            let url = URL(
                filePath: name,
                relativeTo: base.map { URL(filePath: $0, directoryHint: .isDirectory) })
            guard let content = try? String(contentsOf: url, encoding: .utf8) else {
                throw value.problem("the file '\(name)' cannot be read")
            }
            let line = content.trimmingCharacters(in: .newlines)
            if line.isEmpty { throw value.problem("the file '\(name)' is empty") }
            return Secret(line)
        }
        return Secret(text)
    }

    /// Two endpoints on one path could not be told apart.
    func checkPathsDiffer() throws(YAMLProblem) {
        var keys: [String: ConfigurationKey] = [:]
        for key in ConfigurationKey.all
        where key.kind == .requestPath && settings.value(of: key) != nil {
            let path = try requestPath(key)
            if let other = keys.updateValue(key, forKey: path) {
                throw try required(key).problem("\(key.name) and \(other.name) are both '\(path)'")
            }
        }
    }

    func required(_ key: ConfigurationKey) throws(YAMLProblem) -> YAMLValue {
        guard let value = settings.value(of: key) else {
            fatalError("\(key.name) has no default and is read as if it had one")
        }
        return value
    }
}
