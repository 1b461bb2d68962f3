// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// What the synthetic Webex wants done with its RPCs, each known by its number within the call.
package enum WebexOutput: Hashable, Sendable {
    /// Take a place on a connection; report it with `connected`, or with `failed`.
    case connect
    /// Begin `ProcessCallerInput`; report what comes with `received` and, once, `ended`.
    case open(Int)
    /// Send the message that lies there in the batch's octets.
    case send(Range<Int>, on: Int)
    case halfClose(Int)
    /// Reset the RPC; nothing of it is to be reported any more.
    case cancel(Int)
    /// The call is over and its report is complete.
    case finished
}

/// Work of the synthetic Webex. Messages lie behind one another in one buffer that is used again
/// and again, so that a frame of audio costs no allocation.
package struct WebexOutputs: OutputBatch {
    package var items: [WebexOutput] = []
    package var octets = ByteBuffer()

    package init() {}

    package var isEmpty: Bool { items.isEmpty }

    package mutating func removeAll() {
        items.removeAll(keepingCapacity: true)
        octets.clear()
    }
}
