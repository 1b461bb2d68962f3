// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import JSON

/// The first message of a connection (`WebSocketHookInitializeMessage`), in any of the forms that
/// the platform's page shows. Unknown members are ignored.
public struct CXoneInitialMessage: Sendable {
    public let stream: CXoneStreamKey
    /// Counts the requests of an interaction.
    public let requestID: Int64?
    public let actionType: String?
    public let actionID: Int64?
    public let scriptName: String?
    public let telemetry: CXoneTelemetry
    /// Dynamic parameters of the Studio script. May hold personal data: never logged.
    public let appParameters: JSONValue?
    /// Settings of the assist application.
    public let appConfiguration: JSONValue?

    /// Reads a message whose token was admitted.
    ///
    /// Only what identifies the stream is demanded; of the rest, a member of an unexpected type
    /// counts as absent.
    init(_ message: JSONObject) throws(CXoneViolation) {
        guard let execution = message["executionInfo"]?.object,
            let contact = execution["contactId"].flatMap(Self.integer),
            let businessUnit = execution["busNo"].flatMap(Self.integer)
        else { throw .badExecutionInfo }
        guard let perspective = message["streamPerspective"].flatMap({ CXonePerspective($0) })
        else { throw .badPerspective }
        stream = CXoneStreamKey(
            call: CXoneCallKey(businessUnit: businessUnit, contact: contact),
            perspective: perspective)
        requestID = execution["requestId"].flatMap(Self.integer)
        actionType = execution["actionType"]?.string
        actionID = execution["actionId"].flatMap(Self.integer)
        scriptName = execution["scriptName"]?.string
        telemetry = CXoneTelemetry(message["systemTelemetryData"]?.object ?? JSONObject())
        appParameters = Self.unwrapped(message["appParams"])
        appConfiguration = Self.unwrapped(message["appConfig"])
    }

    /// The token of a message, read apart from everything else.
    static func token(of message: JSONObject) -> CXoneToken? {
        message["authenticationToken"]?.string.map { CXoneToken($0) }
    }

    /// A 64-bit integer, as a number or as text.
    static func integer(_ value: JSONValue) -> Int64? {
        value.integer ?? value.string.flatMap { Int64($0) }
    }

    /// Any JSON value; a text that itself holds an object or an array is read, an empty one counts
    /// as absent.
    static func unwrapped(_ value: JSONValue?) -> JSONValue? {
        guard case .string(let text) = value else { return value }
        guard !text.isEmpty else { return nil }
        guard let inner = try? JSONValue(parsing: text) else { return value }
        return inner.object != nil || inner.array != nil ? inner : value
    }
}

/// Where in the platform a stream comes from: for logs only.
public struct CXoneTelemetry: Hashable, Sendable {
    public let processHost: String?
    public let processName: String?
    public let processVersion: String?
    public let clusterAlias: String?
    public let scriptEngineHost: String?
    public let metaData: JSONValue?

    init(_ members: JSONObject) {
        processHost = members["consumerProcessHost"]?.string
        processName = members["consumerProcessName"]?.string
        processVersion = members["consumerProcessVersion"]?.string
        clusterAlias = members["inContactClusterAlias"]?.string
        scriptEngineHost = members["inContactScriptEngineHost"]?.string
        metaData = members["consumerMetaData"]
    }
}
