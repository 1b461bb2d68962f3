// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import JSON

/// Variables handed back to the Architect flow: texts only, known to fit a message.
public struct GenesysOutputVariables: Hashable, Sendable {
    public enum VariablesError: Error, Hashable, Sendable {
        /// The variables exceed ``GenesysPolicy/maximumPayloadCharacters`` as JSON.
        case tooLarge
    }

    let json: JSONValue

    /// Turn booleans, numbers and objects into text first: the protocol takes nothing else.
    public init(_ values: [String: String]) throws(VariablesError) {
        let members = values.sorted { $0.key < $1.key }.map { name, value in
            JSONObject.Member(name: name, value: .string(value))
        }
        json = .object(JSONObject(members))
        guard json.text.utf16.count <= GenesysPolicy.maximumPayloadCharacters else {
            throw .tooLarge
        }
    }
}
