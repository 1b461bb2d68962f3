// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import AudioCore

/// A response that the caller has not heard to its end.
struct ResponseEntry {
    var account: ResponseAccount
    /// Whether the caller's voice may interrupt it.
    var allowsBargeIn: Bool
    /// It bridges the wait for an answer and is none.
    var isFiller = false
    /// Samples in the queue.
    var queued = 0
    /// The bot will add no more.
    var isComplete = false
    /// All of it was handed to the platform and the bot was told so, or it was cleared.
    var isSent = false
    /// Its first packet has left.
    var hasStarted = false
    /// It ran dry while the bot was still at it; the next packet fades in.
    var isDry = false
    /// When its first sample was accepted, and its latest.
    var firstAccepted: MediaInstant?
    var lastAccepted: MediaInstant?
}

/// The responses of a call that are not finished, oldest first. Fixed capacity.
struct ResponseTable {
    static let capacity = 32

    /// Reached into directly: an accessor of our own would allocate in a debug build.
    var entries: [ResponseEntry] = []

    init() {
        entries.reserveCapacity(Self.capacity)
    }

    var count: Int { entries.count }
    var isFull: Bool { entries.count == Self.capacity }

    func index(of id: ResponseID) -> Int? {
        // A handful at most: a scan beats a dictionary.
        for index in 0..<entries.count where entries[index].account.id == id {
            return index
        }
        return nil
    }

    mutating func append(_ account: ResponseAccount, allowsBargeIn: Bool, isFiller: Bool) {
        precondition(!isFull, "The owner checks for room")
        entries.append(
            ResponseEntry(account: account, allowsBargeIn: allowsBargeIn, isFiller: isFiller))
    }

    mutating func removeFirst() -> ResponseEntry {
        entries.remove(at: 0)
    }
}
