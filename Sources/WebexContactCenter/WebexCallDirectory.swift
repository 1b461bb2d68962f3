// Sidetone
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// Which conversations there are and on which event loop each lives.
///
/// Locked: asked once for each RPC, never per frame. A conversation belongs to one organization.
final class WebexCallDirectory: Sendable {
    enum Finding {
        case found(NIOLoopBound<WebexCall>)
        case created(WebexCall)
        /// The conversation is another organization's.
        case foreign
    }

    private struct Place {
        let organizationID: String
        let call: NIOLoopBound<WebexCall>
    }

    private let places = Mutex<[String: Place]>([:])

    /// Finds the conversation, or makes it on the current event loop.
    func find(
        _ conversationID: String, of organizationID: String, on eventLoop: any EventLoop,
        orMake make: () -> WebexCall
    ) -> Finding {
        places.withLock { places in
            if let place = places[conversationID] {
                guard place.organizationID == organizationID else { return .foreign }
                return .found(place.call)
            }
            let call = make()
            places[conversationID] = Place(
                organizationID: organizationID, call: NIOLoopBound(call, eventLoop: eventLoop))
            return .created(call)
        }
    }

    func remove(_ conversationID: String) {
        _ = places.withLock { $0.removeValue(forKey: conversationID) }
    }

    /// Conversations held, ended ones that are still remembered included.
    var count: Int { places.withLock { $0.count } }

    /// Calls `body` for every conversation on its own event loop, one hop for each loop.
    func onEachLoop(_ body: @escaping @Sendable (WebexCall) -> Void) {
        let calls = places.withLock { $0.values.map(\.call) }
        let loops = Dictionary(grouping: calls) { ObjectIdentifier($0.eventLoop) }
        for calls in loops.values {
            calls[0].eventLoop.execute {
                for call in calls { body(call.value) }
            }
        }
    }
}
