// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore
internal import JSON

/// Typed access to the `parameters` of a client message: a member of the wrong type is
/// `invalidParameters`, and `null` is the same as absent.
struct GenesysParameters {
    let members: JSONObject

    init(_ members: JSONObject) {
        self.members = members
    }

    func string(_ name: String) throws(GenesysViolation) -> String {
        guard let text = members[name]?.string else { throw .invalidParameters }
        return text
    }

    func optionalString(_ name: String) throws(GenesysViolation) -> String? {
        guard members[name] != nil else { return nil }
        return try string(name)
    }

    func integer(_ name: String) throws(GenesysViolation) -> Int64 {
        guard let integer = members[name]?.integer else { throw .invalidParameters }
        return integer
    }

    func optionalBool(_ name: String) throws(GenesysViolation) -> Bool? {
        guard let value = members[name] else { return nil }
        guard let flag = value.bool else { throw .invalidParameters }
        return flag
    }

    func identifier(_ name: String) throws(GenesysViolation) -> GenesysIdentifier {
        guard let identifier = GenesysIdentifier(try string(name)) else {
            throw .invalidParameters
        }
        return identifier
    }

    func object(_ name: String) throws(GenesysViolation) -> GenesysParameters {
        guard let object = members[name]?.object else { throw .invalidParameters }
        return GenesysParameters(object)
    }

    func array(_ name: String) throws(GenesysViolation) -> [JSONValue] {
        guard let array = members[name]?.array else { throw .invalidParameters }
        return array
    }

    func duration(_ name: String) throws(GenesysViolation) -> MediaDuration {
        guard let duration = GenesysDuration.parse(try string(name)) else {
            throw .invalidParameters
        }
        return duration
    }

    func optionalDuration(_ name: String) throws(GenesysViolation) -> MediaDuration? {
        guard members[name] != nil else { return nil }
        return try duration(name)
    }

    /// A language tag. The reference implementation knows `en-US`; tags with more or other
    /// subtags, such as `es-419` and `zh-Hant-TW`, are taken as well.
    func optionalLanguage(_ name: String) throws(GenesysViolation) -> String? {
        guard let tag = try optionalString(name) else { return nil }
        let subtags = tag.utf8.split(
            separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let isTag = subtags.enumerated().allSatisfy { index, subtag in
            (index == 0 ? 2...8 : 1...8).contains(subtag.count)
                && subtag.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"),
                        UInt8(ascii: "A")...UInt8(ascii: "Z"):
                        true
                    case UInt8(ascii: "0")...UInt8(ascii: "9"): index > 0
                    default: false
                    }
                }
        }
        guard isTag, tag.utf8.count <= 35 else { throw .invalidParameters }
        return tag
    }
}
