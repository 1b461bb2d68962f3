// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// The responses that one packet completed: in place, since a packet must not allocate.
struct SentResponses {
    private var first: ResponseID?
    private var others: [ResponseID] = []

    mutating func append(_ id: ResponseID) {
        if first == nil { first = id } else { others.append(id) }
    }

    func report(_ body: (ResponseID) -> Void) {
        if let first { body(first) }
        for other in others { body(other) }
    }
}
