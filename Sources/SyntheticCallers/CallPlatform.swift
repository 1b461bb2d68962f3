// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore

/// Work that a platform wants done, in order, for whoever drives it to carry out.
package protocol OutputBatch: Sendable {
    init()
    var isEmpty: Bool { get }
    /// Makes room for the next batch; storage may be kept.
    mutating func removeAll()
}

/// A contact-centre platform that places one call: protocol in, protocol out, no socket, no clock.
///
/// Time comes with every call and must not run backwards. Whoever drives it calls
/// ``advance(to:)`` at ``deadline``, carries out ``takeOutputs(into:)`` after every call, in order,
/// and stops when a batch says that the call is finished. What the network brings is told in the
/// way of the platform's transport, see ``WebSocketPlatform`` and ``WebexPlatform``. Not
/// thread-safe: one thread at a time.
package protocol CallPlatform: Sendable {
    associatedtype Outputs: OutputBatch

    mutating func start(at now: MediaInstant)
    /// Does everything that is due: audio, timers, the script.
    mutating func advance(to now: MediaInstant)
    /// When `advance` is to be called next; nil when only the server can move the call. It may be
    /// worked out when asked for, and in place: a call is copied nowhere on its way through a frame.
    var deadline: MediaInstant? { mutating get }
    /// Ends the call as soon as the protocol allows, as when the caller hangs up.
    mutating func hangUp(at now: MediaInstant)

    /// Work to be done, in order. `spare` must be empty and takes the place of the batch.
    mutating func takeOutputs(into spare: inout Outputs)
    var log: CallLog { get set }
    /// The part of the report that nothing can change any more, which is then forgotten; nil when
    /// there is none. The final report covers the rest.
    mutating func takeSettled(at now: MediaInstant) -> CallReport?
    mutating func takeReport(at now: MediaInstant) -> CallReport
    mutating func takeRecording() -> CallRecording
}
