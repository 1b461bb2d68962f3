// Sidetone
// SPDX-License-Identifier: Apache-2.0

package import AudioCore
package import NIOCore

/// What a platform wants done with its connections. A call has one (Genesys) or several (CXone);
/// each is known by its number.
package enum PlatformOutput: Hashable, Sendable {
    /// Open a WebSocket and report it with `connected`, or with `failed`.
    case connect(Int)
    case text(ByteBuffer, on: Int)
    case binary(ByteBuffer, on: Int)
    /// Begin the closing handshake; report its end with `closed`.
    case close(code: UInt16, on: Int)
    /// Drop the connection without a closing handshake; report it with `closed`.
    case abort(Int)
    /// The call is over and its report is complete.
    case finished
}

/// A contact-centre platform that places one call: protocol in, protocol out, no socket, no clock.
///
/// Time comes with every call and must not run backwards. Whoever drives it calls
/// ``advance(to:)`` at ``deadline``, carries out ``takeOutputs(into:)`` after every call, in order,
/// and stops after `.finished`. Not thread-safe: one thread at a time.
package protocol CallPlatform: Sendable {
    /// The headers of the platform's upgrade request.
    ///
    /// - Parameters:
    ///   - target: path and query as sent.
    ///   - authority: the `Host` header in lower case, without a default port.
    ///   - unixTime: seconds, for signatures.
    func headers(target: String, authority: String, unixTime: Int) -> [(String, String)]
    mutating func start(at now: MediaInstant)
    mutating func connected(_ connection: Int, at now: MediaInstant)
    mutating func failed(_ connection: Int, reason: String, at now: MediaInstant)
    mutating func received(text: ByteBuffer, on connection: Int, at now: MediaInstant)
    mutating func received(binary: ByteBuffer, on connection: Int, at now: MediaInstant)
    /// The connection is gone.
    ///
    /// - Parameters:
    ///   - code: of the first close frame, nil when there was none.
    ///   - fault: what the server did against RFC 6455, when that ended it.
    mutating func closed(
        _ connection: Int, code: UInt16?, fault: String?, at now: MediaInstant)
    /// Does everything that is due: audio, timers, the script.
    mutating func advance(to now: MediaInstant)
    /// When `advance` is to be called next; nil when only the server can move the call.
    var deadline: MediaInstant? { get }
    /// Ends the call as soon as the protocol allows, as when the caller hangs up.
    mutating func hangUp(at now: MediaInstant)

    /// Work to be done, in order. `spare` must be empty and takes the place of the list.
    mutating func takeOutputs(into spare: inout [PlatformOutput])
    var events: [TimelineEvent] { get }
    /// How late audio was sent.
    var generator: LatenessHistogram { get }
    mutating func takeReport(at now: MediaInstant) -> CallReport
    mutating func takeRecording() -> CallRecording
}
