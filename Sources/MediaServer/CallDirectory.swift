// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore
internal import Synchronization

/// Where the live calls are: which event loop holds a conversation.
///
/// In this process only; the interface is small so that a shared store may stand behind it. It is
/// locked, so it is asked when calls and connections begin and end, never per frame.
public final class CallDirectory: Sendable {
    private struct Places {
        var loops: [CallKey: any EventLoop] = [:]
        var weights: [CallKey: Int] = [:]
        var load = 0
    }

    private let places = Mutex(Places())

    init() {}

    /// The event loop that holds the call; nil when there is no such call.
    public func eventLoop(for key: CallKey) -> (any EventLoop)? {
        places.withLock { $0.loops[key] }
    }

    /// Calls in the directory.
    public var count: Int { places.withLock { $0.loops.count } }

    /// As how many ordinary calls those in the directory count.
    public var load: Int { places.withLock { $0.load } }

    /// - Parameters:
    ///   - weight: as how many calls it counts.
    ///   - limit: as how many all may count.
    func insert(
        _ key: CallKey, on eventLoop: any EventLoop, weight: Int = 1, limit: Int
    ) -> InsertResult {
        places.withLock { places in
            guard places.loops[key] == nil else { return .taken }
            guard places.load + weight <= limit else { return .full }
            places.loops[key] = eventLoop
            places.load += weight
            // Most calls count as one: what is not here does.
            if weight != 1 { places.weights[key] = weight }
            return .inserted
        }
    }

    func remove(_ key: CallKey) {
        places.withLock { places in
            guard places.loops.removeValue(forKey: key) != nil else { return }
            places.load -= places.weights.removeValue(forKey: key) ?? 1
        }
    }

    enum InsertResult {
        case inserted
        case taken
        case full
    }
}
