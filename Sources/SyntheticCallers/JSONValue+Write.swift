// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import JSON

extension JSONValue {
    /// The document as compact text, members in their order.
    package var serialized: String { written.text }

    private var written: JSON.JSONValue {
        switch self {
        case .null: .null
        case .bool(let flag): .bool(flag)
        case .number(let number): integer.map { .integer(Int64($0)) } ?? .number(number)
        case .string(let text): .string(text)
        case .array(let elements): .array(elements.map(\.written))
        case .object(let members):
            .object(
                JSONObject(
                    members.map { JSONObject.Member(name: $0.name, value: $0.value.written) }))
        }
    }
}
