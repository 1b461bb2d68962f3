// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import SwiftProtobuf

extension Google_Protobuf_Struct {
    /// Values of a bot for the platform's flow.
    public init(values: [String: String]) {
        self.init()
        fields = values.mapValues { Google_Protobuf_Value(stringValue: $0) }
    }

    /// What the platform's flow gave, as text: anything that is not text stands as JSON.
    public var values: [String: String] {
        fields.compactMapValues { value in
            if case .stringValue(let text)? = value.kind { return text }
            // Every number is a double there; a count should still look like one.
            if case .numberValue(let number)? = value.kind, let whole = Int32(exactly: number) {
                return String(whole)
            }
            return try? value.jsonString()
        }
    }
}
