// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// What authentication needs of an HTTP upgrade request, without the types of a transport.
public struct GenesysUpgradeRequest: Sendable {
    /// Path and query exactly as they stood in the request line.
    public var target: String
    /// Header fields in their order, names in any case.
    public var headers: [(name: String, value: String)]

    public init(target: String, headers: [(name: String, value: String)]) {
        self.target = target
        self.headers = headers
    }

    /// The combined value of the fields called `name`, which must be lower case; nil without any.
    ///
    /// HTTP message signatures draft 11 section 2.1: each value trimmed, line folding turned into
    /// one space, several fields joined with a comma and a space.
    func header(_ name: String) -> String? {
        let values = headers.filter { $0.name.lowercased() == name }.map { Self.unfolded($0.value) }
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// The Host field in lower case without the default port of `wss`, the only scheme Genesys
    /// connects with.
    var authority: String? {
        guard let host = header("host")?.lowercased(), !host.isEmpty else { return nil }
        return host.hasSuffix(":443") ? String(host.dropLast(4)) : host
    }

    private static func unfolded(_ value: String) -> String {
        value.split(whereSeparator: \.isNewline)
            .map { trimmed($0) }
            .joined(separator: " ")
    }

    private static func trimmed(_ line: Substring) -> Substring {
        var line = line.drop { $0 == " " || $0 == "\t" }
        while let last = line.last, last == " " || last == "\t" { line.removeLast() }
        return line
    }
}
