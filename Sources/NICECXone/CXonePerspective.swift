// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import JSON

/// Which voices a stream carries.
public enum CXonePerspective: String, Hashable, Sendable, CaseIterable {
    /// What the agent hears: the contact; in a conference everybody except the agent.
    case transmit = "TX"
    /// The agent.
    case receive = "RX"
    /// Both in one channel.
    case mixed = "MIX"

    /// Reads every form that the platform's page shows: text in any case, the number, the number as
    /// text, or an array of exactly one of them.
    init?(_ value: JSONValue) {
        switch value {
        case .array(let elements):
            guard elements.count == 1, elements[0].array == nil else { return nil }
            self.init(elements[0])
        case .string(let text):
            switch text.uppercased() {
            case "TX", "0": self = .transmit
            case "RX", "1": self = .receive
            case "MIX", "MX", "2": self = .mixed
            default: return nil
            }
        default:
            switch value.integer {
            case 0: self = .transmit
            case 1: self = .receive
            case 2: self = .mixed
            default: return nil
            }
        }
    }
}

/// A call as the platform names it: a contact is unique within its business unit only.
public struct CXoneCallKey: Hashable, Sendable, CustomStringConvertible {
    public var businessUnit: Int64
    public var contact: Int64

    public init(businessUnit: Int64, contact: Int64) {
        self.businessUnit = businessUnit
        self.contact = contact
    }

    public var description: String { "\(businessUnit)/\(contact)" }
}

/// One stream of a call: what a connection carries, and what a later one resumes.
public struct CXoneStreamKey: Hashable, Sendable, CustomStringConvertible {
    public var call: CXoneCallKey
    public var perspective: CXonePerspective

    public init(call: CXoneCallKey, perspective: CXonePerspective) {
        self.call = call
        self.perspective = perspective
    }

    public var description: String { "\(call)/\(perspective.rawValue)" }
}
