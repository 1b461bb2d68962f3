// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import JSON

/// A client message with its members checked and its parameters still to be read.
struct GenesysEnvelope: Equatable {
    var id: GenesysIdentifier
    var type: String
    var sequence: Int64
    var serverSequence: Int64
    var position: MediaDuration
    var parameters: JSONObject

    /// Reads what AudioHook protocol v2 demands of every client message; unknown members are
    /// ignored. Whether the numbers fit the session is the session's to judge.
    init(_ text: String) throws(GenesysViolation) {
        // Counting UTF-16 units takes a walk, which a text of few bytes does not need.
        let limit = GenesysPolicy.maximumTextCharacters
        guard text.utf8.count <= limit || text.utf16.count <= limit else { throw .textTooLarge }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: text)
        } catch {
            throw .notJSON
        }
        guard let message = value.object, message["version"]?.string == "2",
            let id = message["id"]?.string.flatMap({ GenesysIdentifier($0) }),
            let type = message["type"]?.string,
            let sequence = message["seq"]?.integer,
            let serverSequence = message["serverseq"]?.integer, serverSequence >= 0,
            let position = message["position"]?.string.flatMap({ GenesysDuration.parse($0) }),
            let parameters = message["parameters"]?.object
        else { throw .malformedMessage }
        self.id = id
        self.type = type
        self.sequence = sequence
        self.serverSequence = serverSequence
        self.position = position
        self.parameters = parameters
    }
}
