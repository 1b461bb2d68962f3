// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import CWebRTCShim

/// The WebRTC project's echo canceller, by way of libwebrtc-audio-processing: for bots that want the
/// caller's audio without the echo of their own.
///
/// It finds an echo up to 250 ms later than what was heard within a second, one up to 600 ms later
/// only after some 15 s: give it what was heard later where the delay is known. It learns the echo's
/// path in a second or two, and suppresses what is left.
///
/// One instance belongs to one call and one thread. About 0.4 MB are allocated by `init` and nothing
/// after it. A frame costs many times what the detectors do, so a server counts the calls that have
/// one for more. This file alone touches the library's canceller, and no pointer leaves it: hence
/// `@safe`.
@safe
public struct WebRTCEchoCanceller: ~Copyable {
    private let handle: OpaquePointer

    /// The only rate it runs at here; at 16 kHz the library would reach half as far.
    public static let rate = SampleRate.hz8000
    /// Samples of a frame: 10 ms.
    public static let frameLength = webrtc_canceller_frame_count

    public init() {
        // The pointer is checked here, freed by deinit, and reaches no other file.
        guard let created = unsafe webrtc_canceller_create() else {
            preconditionFailure("There is no memory for an echo canceller")
        }
        unsafe handle = created
    }

    deinit {
        // The handle was made by init and is freed exactly once: the type cannot be copied.
        unsafe webrtc_canceller_destroy(handle)
    }

    /// Takes the echo of `far` out of `near`, in place.
    ///
    /// What comes out is delayed by the library's own blocks, up to 8 ms.
    /// - Parameters:
    ///   - far: a frame of what was heard, or silence where nothing was.
    ///   - near: the frame of the caller's audio of the same time.
    public mutating func process(far: Span<Int16>, near: inout MutableSpan<Int16>) {
        precondition(
            far.count == Self.frameLength && near.count == Self.frameLength,
            "The WebRTC canceller takes 10 ms at a time")
        // The library reads and writes one frame within the call and keeps no pointer.
        unsafe far.withUnsafeBufferPointer { heard in
            unsafe near.withUnsafeMutableBufferPointer { spoken in
                _ = unsafe webrtc_canceller_process(handle, heard.baseAddress, spoken.baseAddress)
            }
        }
    }
}
