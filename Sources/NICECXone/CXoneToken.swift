// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// An authentication token. No description, reflection or log shows it.
public struct CXoneToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let bytes: [UInt8]

    public init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Whether there is anything in it; CXone may send an empty token when none is configured.
    public var isEmpty: Bool { bytes.isEmpty }

    /// Compares in a time that depends on the received token's length only.
    public func matches(received: CXoneToken) -> Bool {
        guard !bytes.isEmpty else { return received.bytes.isEmpty }
        var difference = UInt8(bytes.count == received.bytes.count ? 0 : 1)
        for (index, byte) in received.bytes.enumerated() {
            difference |= byte ^ bytes[index % bytes.count]
        }
        return difference == 0
    }

    public var description: String { "<token>" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The tokens that are accepted; without any, every peer is.
///
/// Voice and text have separate ones. Several at a time allow for a change without interruption.
public struct CXoneTokenCheck: Sendable {
    private let accepted: [CXoneToken]

    public init(accepted: [CXoneToken] = []) {
        self.accepted = accepted
    }

    /// Whether a peer with this token, or none, may come in. Looks at every accepted token.
    public func admits(_ received: CXoneToken?) -> Bool {
        guard !accepted.isEmpty else { return true }
        let received = received ?? CXoneToken("")
        var isAdmitted = false
        for token in accepted where token.matches(received: received) {
            isAdmitted = true
        }
        return isAdmitted
    }
}
