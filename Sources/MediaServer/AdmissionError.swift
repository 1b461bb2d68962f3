// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Why a call was not admitted. The adapter says it in its platform's way; the raw value is its name
/// in metrics.
public enum AdmissionError: String, Error, Hashable, Sendable, CaseIterable {
    /// The server is stopping.
    case draining
    /// As many calls as allowed are live.
    case atCapacity = "at_capacity"
    /// The shard that would carry it does not get to its ticks in time.
    case overloaded
    /// What the live calls declare to need leaves no room under the memory limit.
    case outOfMemory = "out_of_memory"
    /// The conversation already has a live call.
    case alreadyLive = "already_live"
    /// No bot answers to what the platform asked for.
    case noSuchBot = "no_such_bot"

    /// What a peer may be told, in a few words.
    public var message: String {
        switch self {
        case .draining: "server is stopping"
        case .atCapacity: "no capacity"
        case .overloaded: "server is overloaded"
        case .outOfMemory: "no memory for another call"
        case .alreadyLive: "call is live already"
        case .noSuchBot: "no bot for this call"
        }
    }
}
