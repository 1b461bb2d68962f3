// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore
internal import Synchronization

/// Where the live calls are: which event loop holds a conversation.
///
/// In this process only; the interface is small so that a shared store may stand behind it. It is
/// locked, so it is asked when calls and connections begin and end, never per frame.
public final class CallDirectory: Sendable {
    private let places = Mutex<[CallKey: any EventLoop]>([:])

    init() {}

    /// The event loop that holds the call; nil when there is no such call.
    public func eventLoop(for key: CallKey) -> (any EventLoop)? {
        places.withLock { $0[key] }
    }

    /// Calls in the directory.
    public var count: Int { places.withLock { $0.count } }

    /// - Returns: false when the key is taken or there are `limit` calls already.
    func insert(_ key: CallKey, on eventLoop: any EventLoop, limit: Int) -> InsertResult {
        places.withLock { places in
            guard places[key] == nil else { return .taken }
            guard places.count < limit else { return .full }
            places[key] = eventLoop
            return .inserted
        }
    }

    func remove(_ key: CallKey) {
        _ = places.withLock { $0.removeValue(forKey: key) }
    }

    enum InsertResult {
        case inserted
        case taken
        case full
    }
}
