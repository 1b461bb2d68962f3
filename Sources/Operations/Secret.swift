// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A text that must not be shown: it prints, logs and reflects as `(secret)`.
///
/// Comparing with `==` takes a time that depends on the content; whoever checks what a peer sends
/// compares in constant time.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// The text itself, for the code that checks or sends it.
    public let revealed: String

    public init(_ revealed: String) {
        self.revealed = revealed
    }

    public var description: String { "(secret)" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}
