// Sidetone
// SPDX-License-Identifier: Apache-2.0

public import AudioCore
internal import NIOCore

/// The operating system's monotonic clock as the engine's time.
public enum MonotonicClock {
    @inlinable
    public static func now() -> MediaInstant {
        MediaInstant(nanoseconds: nanoseconds())
    }

    @usableFromInline
    static func nanoseconds() -> Int64 {
        Int64(NIODeadline.now().uptimeNanoseconds)
    }
}
