// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import CWebRTCShim

/// The WebRTC project's voice activity detector, by way of libwebrtc-audio-processing.
///
/// One instance belongs to one call and one thread. All memory (under 1 KB) is allocated by
/// `init`; a decision costs about 0.7 us and takes no lock. This is the only file that touches
/// the library, and no pointer leaves it: hence `@safe`.
@safe
public struct WebRTCVoiceActivityDetector: ~Copyable {
    private let handle: OpaquePointer
    private let rate: SampleRate
    /// Samples of one decision: 10 ms.
    public let blockLength: Int

    /// - Parameters:
    ///   - rate: 8, 16, 32 or 48 kHz; anything else is a programmer error.
    ///   - aggressiveness: 0 (most sensitive) to 3 (fewest false alarms).
    public init(rate: SampleRate, aggressiveness: Int) {
        blockLength = rate.hertz / 100
        precondition(
            webrtc_vad_accepts(Int32(rate.hertz), blockLength),
            "The WebRTC detector takes 8, 16, 32 or 48 kHz")
        // The pointer is checked here, freed by deinit, and reaches no other file.
        guard let created = unsafe webrtc_vad_create(Int32(aggressiveness)) else {
            preconditionFailure("The WebRTC detector's aggressiveness is 0 to 3")
        }
        unsafe handle = created
        self.rate = rate
    }

    deinit {
        // The handle was made by init and is freed exactly once: the type cannot be copied.
        unsafe webrtc_vad_destroy(handle)
    }

    /// Whether `block`, which must hold exactly `blockLength` samples, contains speech.
    public mutating func isActive(_ block: Span<Int16>) -> Bool {
        precondition(block.count == blockLength, "The WebRTC detector takes 10 ms at a time")
        // The library reads `count` samples within the call and keeps no pointer.
        return unsafe block.withUnsafeBufferPointer { samples in
            unsafe webrtc_vad_process(
                handle, Int32(rate.hertz), samples.baseAddress, samples.count) == 1
        }
    }
}
