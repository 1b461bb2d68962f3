// Sidetone
// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSON

/// As much of JSON Schema as `docs/bot-protocol.schema.json` uses; an unknown keyword is an error.
struct JSONSchema {
    let root: JSONValue

    private static let ignored: Set = ["$schema", "title", "description", "$defs"]

    /// The schema that is committed.
    static func committed() throws -> JSONSchema {
        let file = URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/bot-protocol.schema.json")
        return JSONSchema(
            root: try JSONValue(parsing: String(contentsOf: file, encoding: .utf8)))
    }

    func definition(_ name: String) -> JSONValue? {
        root.object?["$defs"]?.object?[name]
    }

    /// What is wrong with `value` by the definition `name`; empty when nothing is.
    func faults(of value: JSONValue, as name: String) -> [String] {
        guard let schema = definition(name) else { return ["no definition \(name)"] }
        return faults(of: value, by: schema, at: name)
    }

    private func faults(of value: JSONValue, by schema: JSONValue, at path: String) -> [String] {
        var faults: [String] = []
        let members = schema.object?.members ?? []
        let properties = schema.object?["properties"]?.object
        for keyword in members where !Self.ignored.contains(keyword.name) {
            let wanted = keyword.value
            switch keyword.name {
            case "$ref":
                let name = wanted.string.map { String($0.dropFirst("#/$defs/".count)) } ?? ""
                faults += self.faults(of: value, as: name)
            case "oneOf":
                let fits = (wanted.array ?? []).filter {
                    self.faults(of: value, by: $0, at: path).isEmpty
                }
                if fits.count != 1 { faults.append("\(path): fits \(fits.count) of oneOf") }
            case "type":
                if !Self.isOfType(wanted.string ?? "", value) {
                    faults.append("\(path): is no \(wanted.string ?? "?")")
                }
            case "const":
                if value != wanted { faults.append("\(path): is not \(wanted.text)") }
            case "enum":
                if !(wanted.array ?? []).contains(value) {
                    faults.append("\(path): \(value.text) is none of \(wanted.text)")
                }
            case "required":
                for name in (wanted.array ?? []).compactMap(\.string)
                where value.object?[name] == nil { faults.append("\(path).\(name) is missing") }
            case "properties":
                for property in wanted.object?.members ?? [] {
                    guard let member = value.object?[property.name] else { continue }
                    faults += self.faults(
                        of: member, by: property.value, at: "\(path).\(property.name)")
                }
            case "additionalProperties":
                for member in value.object?.members ?? []
                where properties?[member.name] == nil {
                    faults += self.faults(of: member.value, by: wanted, at: path)
                }
            case "minLength", "maxLength", "minimum", "maximum":
                faults += Self.bound(keyword.name, wanted, value, path)
            default: faults.append("\(path): the keyword \(keyword.name) is not known")
            }
        }
        return faults
    }

    private static func bound(
        _ keyword: String, _ wanted: JSONValue, _ value: JSONValue, _ path: String
    ) -> [String] {
        let measured =
            keyword.hasSuffix("Length")
            ? value.string.map { Double($0.count) }
            : value.number
        guard let measured, let limit = wanted.number else { return [] }
        let isWithin = keyword.hasPrefix("min") ? measured >= limit : measured <= limit
        return isWithin ? [] : ["\(path): \(keyword) \(limit)"]
    }

    private static func isOfType(_ type: String, _ value: JSONValue) -> Bool {
        switch type {
        case "object": value.object != nil
        case "string": value.string != nil
        case "boolean": value.bool != nil
        case "integer": value.integer != nil
        case "number": value.number != nil
        default: false
        }
    }
}
