// Sidetone
// SPDX-License-Identifier: Apache-2.0

/// Level changes of 16-bit samples in place: rounded to nearest, saturating, no allocation.
///
/// The same samples and gains give the same result on every machine. Any thread.
public enum Gain {
    /// Multiplies every sample by `gain`.
    public static func apply(_ gain: Float, to samples: inout MutableSpan<Int16>) {
        Kernels.gain(&samples, count: samples.count, from: gain, step: 0)
    }

    /// Moves the gain evenly from `start` to `end` over the samples.
    ///
    /// The first sample gets `start`; the one after the last would get `end`, so that spans ramped
    /// one after the other join.
    public static func ramp(
        from start: Float, to end: Float, over samples: inout MutableSpan<Int16>
    ) {
        guard samples.count > 0 else { return }
        Kernels.gain(
            &samples, count: samples.count, from: start, step: (end - start) / Float(samples.count))
    }

    /// Fades the samples in from silence along a smooth curve.
    ///
    /// The curve is 3t^2 - 2t^3, level at both ends and within 1.1 % of a raised cosine.
    ///
    /// - Parameters:
    ///   - position: How much of the fade came before these samples.
    ///   - length: The whole fade, in samples; what lies beyond it is left alone. By default the
    ///     samples are the whole fade.
    public static func fadeIn(
        _ samples: inout MutableSpan<Int16>, at position: Int = 0, of length: Int? = nil
    ) {
        let length = length ?? samples.count
        let rest = max(0, min(samples.count, length - position))
        guard rest > 0 else { return }
        Kernels.smoothGain(
            &samples, count: rest, from: (Float(position) + 0.5) / Float(length),
            step: 1 / Float(length))
    }

    /// Fades the samples out to silence: ``fadeIn(_:at:of:)`` backwards. Samples beyond the fade
    /// become zero.
    public static func fadeOut(
        _ samples: inout MutableSpan<Int16>, at position: Int = 0, of length: Int? = nil
    ) {
        let length = length ?? samples.count
        guard length > 0 else {
            Kernels.gain(&samples, count: samples.count, from: 0, step: 0)
            return
        }
        Kernels.smoothGain(
            &samples, count: samples.count, from: (Float(length - position) - 0.5) / Float(length),
            step: -1 / Float(length))
    }
}
