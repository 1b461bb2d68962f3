// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// The members of a JSON object in the order they were written.
///
/// Objects on these wires have a dozen members, so a look-up is a walk: O(members).
public struct JSONObject: Hashable, Sendable {
    /// One name and its value.
    public struct Member: Hashable, Sendable {
        public var name: String
        public var value: JSONValue

        public init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    public var members: [Member]

    public init(_ members: [Member] = []) {
        self.members = members
    }

    /// The value of member `name`. When a peer repeats a name the last one counts, as it does in
    /// ECMAScript. A member that is `null` counts as absent: every protocol here treats it so.
    public subscript(name: String) -> JSONValue? {
        guard let member = members.last(where: { $0.name == name }), member.value != .null else {
            return nil
        }
        return member.value
    }

    /// Adds a member at the end.
    public mutating func append(_ name: String, _ value: JSONValue) {
        members.append(Member(name: name, value: value))
    }
}
