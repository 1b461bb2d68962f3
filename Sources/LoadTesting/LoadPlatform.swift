// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// A platform whose calls are placed. Raw values appear on the command line and in reports.
public enum LoadPlatform: String, Codable, CaseIterable, Hashable, Sendable {
    case webex, cxone, genesys

    /// Whether the platform plays what the bot says: without, no answer can be timed.
    public var playsBot: Bool { self != .cxone }

    /// As people write it.
    public var title: String {
        switch self {
        case .webex: "Webex"
        case .cxone: "CXone"
        case .genesys: "Genesys"
        }
    }
}
