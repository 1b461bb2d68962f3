// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import JSON

/// Why a text is not JSON.
package struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
    package let description: String
}

extension JSONValue {
    /// Reads one document strictly: Foundation's reader lets a comma at the end pass, and a platform
    /// that did so as well would not notice a server that writes it. No member may come twice.
    package static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw JSONSyntaxError(description: "The text is not UTF-8")
        }
        let read: JSON.JSONValue
        do {
            read = try JSON.JSONValue(parsing: text)
        } catch {
            throw JSONSyntaxError(description: "\(error)")
        }
        return try JSONValue(read)
    }

    private init(_ read: JSON.JSONValue) throws(JSONSyntaxError) {
        switch read {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .integer(let whole): self = .number(Double(whole))
        case .number(let number): self = .number(number)
        case .string(let text): self = .string(text)
        case .array(let elements):
            var values: [JSONValue] = []
            for element in elements { values.append(try JSONValue(element)) }
            self = .array(values)
        case .object(let object):
            var members: [Member] = []
            for member in object.members {
                guard !members.contains(where: { $0.name == member.name }) else {
                    throw JSONSyntaxError(description: "Member \(member.name) comes twice")
                }
                members.append(Member(member.name, try JSONValue(member.value)))
            }
            self = .object(members)
        }
    }
}
