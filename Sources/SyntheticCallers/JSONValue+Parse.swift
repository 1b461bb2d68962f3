// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Why a text is not JSON.
package struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
    package let description: String
}

extension JSONValue: Decodable {
    /// Reads one document by the grammar of RFC 8259, with Foundation's decoder: the server has a
    /// reader of its own, and a fault of one must not hide a fault of the other.
    package static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw JSONSyntaxError(description: "The text is not UTF-8")
        }
        do {
            return try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
        } catch DecodingError.dataCorrupted(let context) {
            throw JSONSyntaxError(
                description: context.underlyingError.map { "\($0)" } ?? context.debugDescription)
        } catch {
            throw JSONSyntaxError(description: "\(error)")
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// The decoder does not keep the order of members; they come sorted by name.
    package init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Name.self) {
            let names = object.allKeys.sorted { $0.stringValue < $1.stringValue }
            self = .object(
                try names.map { name in
                    Member(name.stringValue, try object.decode(JSONValue.self, forKey: name))
                })
            return
        }
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
            self = .null
        } else if let flag = try? single.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? single.decode(Double.self) {
            self = .number(number)
        } else if let text = try? single.decode(String.self) {
            self = .string(text)
        } else {
            self = .array(try single.decode([JSONValue].self))
        }
    }
}
