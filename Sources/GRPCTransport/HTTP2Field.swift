// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A field of a header block, pseudo-fields included. Names are in lower case on the wire.
struct HTTP2Field: Hashable, Sendable {
    var name: String
    var value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
