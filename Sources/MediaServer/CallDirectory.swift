// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import NIOCore
internal import Synchronization

/// Where the live calls are: which event loop holds a conversation.
///
/// In this process only; the interface is small so that a shared store may stand behind it. It is
/// locked, so it is asked when calls and connections begin and end, never per frame.
public final class CallDirectory: Sendable {
    private struct Place {
        var loop: any EventLoop
        var weight: Int
        var byteCount: Int
    }

    private struct Places {
        var calls: [CallKey: Place] = [:]
        var load = 0
        var byteCount = 0
    }

    private let places = Mutex(Places())

    init() {}

    /// The event loop that holds the call; nil when there is no such call.
    public func eventLoop(for key: CallKey) -> (any EventLoop)? {
        places.withLock { $0.calls[key]?.loop }
    }

    /// Calls in the directory.
    public var count: Int { places.withLock { $0.calls.count } }

    /// As how many ordinary calls those in the directory count.
    public var load: Int { places.withLock { $0.load } }

    /// Memory that the calls in the directory declare to need, in bytes.
    public var declaredByteCount: Int { places.withLock { $0.byteCount } }

    /// What keeps another call out, by the limits alone; nil: nothing does.
    /// - Parameters:
    ///   - weight: as how many calls it counts.
    ///   - byteCount: what it declares to need.
    func shortage(weight: Int, byteCount: Int, limits: Limits) -> AdmissionError? {
        places.withLock { Self.shortage($0, weight, byteCount, limits) }
    }

    private static func shortage(
        _ places: Places, _ weight: Int, _ byteCount: Int, _ limits: Limits
    ) -> AdmissionError? {
        if places.load + weight > limits.load { return .atCapacity }
        return byteCount > limits.byteCount - places.byteCount ? .outOfMemory : nil
    }

    func insert(
        _ key: CallKey, on eventLoop: any EventLoop, weight: Int = 1, byteCount: Int = 0,
        limits: Limits
    ) throws(AdmissionError) {
        let refusal: AdmissionError? = places.withLock { places in
            guard places.calls[key] == nil else { return .alreadyLive }
            if let shortage = Self.shortage(places, weight, byteCount, limits) { return shortage }
            places.calls[key] = Place(loop: eventLoop, weight: weight, byteCount: byteCount)
            places.load += weight
            places.byteCount += byteCount
            return nil
        }
        if let refusal { throw refusal }
    }

    func remove(_ key: CallKey) {
        places.withLock { places in
            guard let place = places.calls.removeValue(forKey: key) else { return }
            places.load -= place.weight
            places.byteCount -= place.byteCount
        }
    }

    /// What all calls together may take.
    struct Limits: Sendable {
        /// As how many ordinary calls they may count.
        var load: Int
        var byteCount = Int.max
    }
}
